// SPDX-License-Identifier: MIT
//
// A sandbox: a thread in the jail that does one thing at a time for the thread that owns it. The
// owner holds the paths and opens the files; its sandbox sees their bytes. While the sandbox works
// its owner waits, so what the owner hands in needs no lock.
#ifndef DM_MPI_WORKER_TASK_SANDBOX_H
#define DM_MPI_WORKER_TASK_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_sandbox;

/**
 * Start a sandbox. @thread_end (nullable) is called on its thread before that ends.
 * Errors: DM_ERROR_SYSTEM: no thread, or the jail does not close.
 */
struct dm_sandbox *dm_sandbox_new(void (*thread_end)(void), GError **error);

/** End the thread. Accepts NULL. */
void dm_sandbox_free(struct dm_sandbox *sandbox);

/**
 * Run @work(@data) in the sandbox and wait for it. @id and @attempt: the task that a crash is
 * reported for. Threads: the owner's.
 */
void dm_sandbox_run(struct dm_sandbox *sandbox, void (*work)(void *data), void *data, int64_t id,
                    int64_t attempt);

#endif
