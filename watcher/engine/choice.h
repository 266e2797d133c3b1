// SPDX-License-Identifier: MIT
//
// What is found out on this machine of how jobs are started, where the settings leave it open.
#ifndef DM_WATCHER_ENGINE_CHOICE_H
#define DM_WATCHER_ENGINE_CHOICE_H

#include "watcher/engine/launch.h"

#include <stdbool.h>

/** Other hosts may be in it when mpirun gets a list of them, from us or from Slurm. */
bool dm_choice_is_remote(const struct dm_engine_settings *settings);

/** How jobs of as many ranks as are asked for are started. */
enum dm_launch_way dm_choice_way(const struct dm_engine_settings *settings);

/** The absolute path of mpirun, or NULL; (transfer full). */
char *dm_choice_mpirun(const struct dm_engine_settings *settings);

/** How large a job is, by the settings, the cores that we may use and the memory. */
struct dm_shape dm_choice_shape(const struct dm_engine_settings *settings);

#endif
