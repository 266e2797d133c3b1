// SPDX-License-Identifier: MIT
//
// How a task ends other than done: what the watcher should do about it, and a sentence for people.
#ifndef DM_MPI_WORKER_TASK_VERDICT_H
#define DM_MPI_WORKER_TASK_VERDICT_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>

/**
 * Put a verdict other than DONE into @ret, in place of any earlier one. Returns false, so that a
 * failing function can end with `return dm_verdict(...)`.
 */
bool dm_verdict(struct dm_result *ret, enum dm_status status, enum dm_reason reason,
                const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
