// SPDX-License-Identifier: MIT
//
// The larger parts of `dropmill s3`, each in its file; the others are in cmd_s3.c.
#ifndef DM_WATCHER_CLI_S3_PARTS_H
#define DM_WATCHER_CLI_S3_PARTS_H

#include "watcher/cli/cli.h"

/** Both return an exit code of sysexits(3). */
int dm_s3_check(struct dm_cli *cli);
int dm_s3_audit(struct dm_cli *cli, bool fix);

#endif
