// SPDX-License-Identifier: MIT
//
// A cell: a thread in the jail that does one thing at a time for the thread that owns it. The owner
// holds the paths and opens the files; its cell sees their bytes. While the cell works its owner
// waits, so what the owner hands in needs no lock.
#ifndef DM_MPI_WORKER_CELL_H
#define DM_MPI_WORKER_CELL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_cell;

/**
 * Start a cell. @thread_end (nullable) is called on its thread before that ends.
 * Errors: DM_ERROR_SYSTEM: no thread, or the jail does not close.
 */
struct dm_cell *dm_cell_new(void (*thread_end)(void), GError **error);

/** End the thread. Accepts NULL. */
void dm_cell_free(struct dm_cell *cell);

/**
 * Run @work(@data) in the cell and wait for it. @id and @attempt: the task that a crash is reported
 * for. Threads: the owner's.
 */
void dm_cell_run(struct dm_cell *cell, void (*work)(void *data), void *data, int64_t id,
                 int64_t attempt);

#endif
