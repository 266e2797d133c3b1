// SPDX-License-Identifier: MIT
//
// The commands, each in its cmd_<name>.c.
#ifndef DM_WATCHER_CLI_COMMANDS_H
#define DM_WATCHER_CLI_COMMANDS_H

#include "watcher/cli/cli.h"

extern const struct dm_command dm_cmd_doctor;
extern const struct dm_command dm_cmd_explain;
extern const struct dm_command dm_cmd_folder;
extern const struct dm_command dm_cmd_forget;
extern const struct dm_command dm_cmd_history;
extern const struct dm_command dm_cmd_ls;
extern const struct dm_command dm_cmd_metrics;
extern const struct dm_command dm_cmd_ops;
extern const struct dm_command dm_cmd_pause;
extern const struct dm_command dm_cmd_process;
extern const struct dm_command dm_cmd_resume;
extern const struct dm_command dm_cmd_retry;
extern const struct dm_command dm_cmd_s3;
extern const struct dm_command dm_cmd_send;
extern const struct dm_command dm_cmd_setup;
extern const struct dm_command dm_cmd_status;
extern const struct dm_command dm_cmd_stop;
extern const struct dm_command dm_cmd_watch;

#endif
