// SPDX-License-Identifier: MIT
//
// The task of a row, as a rank reads it.
#ifndef DM_WATCHER_ENGINE_TASK_LINE_H
#define DM_WATCHER_ENGINE_TASK_LINE_H

#include "watcher/engine/launch.h"
#include "watcher/engine/shared.h"

/** The line for @row, which was dispatched to a job that is started @way; (transfer full). */
char *dm_task_line_of(const struct dm_runner_shared *shared, enum dm_launch_way way,
                      const struct dm_row *row);

#endif
