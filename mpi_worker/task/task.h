// SPDX-License-Identifier: MIT
//
// One task from open to temporary file: open beneath the root, fingerprint, read, sniff, limits,
// plan, decode, operations, encode, fingerprint again. Turns bytes into bytes; knows nothing of
// MPI, queues or the watcher. Next: plan.h (what is done), codec/ (how formats are read and
// written).
#ifndef DM_MPI_WORKER_TASK_TASK_H
#define DM_MPI_WORKER_TASK_TASK_H

#include "common/catalogue.h"
#include "common/wire.h"

#include <glib.h>

/** What all tasks of one rank share: the catalogue, cached plans, the memory budget. */
struct dm_task_shared;

/**
 * Prepare libvips (one thread, no cache, allow-listed loaders) and malloc for this process, once.
 *
 * @memory_bytes  how much all tasks of this rank may use together by estimate; 0: half of the
 * machine's.
 * @jailed  whether decoders run in the jail (jail.h).
 * Errors: DM_ERROR_SYSTEM.
 */
struct dm_task_shared *dm_task_shared_new(int64_t memory_bytes, bool jailed, GError **error);

/** What transparency is laid on where the result has none; white unless told. Before any task. */
void dm_task_shared_set_background(struct dm_task_shared *shared, struct dm_colour background);

void dm_task_shared_free(struct dm_task_shared *shared);

/**
 * Do one task, whatever happens: @ret is always a complete result for the ledger (host and rank are
 * left for the caller), cleared by the caller. A temporary exists afterwards only if status is
 * DONE. Threads: any number at once.
 */
void dm_task_run(struct dm_task_shared *shared, const struct dm_task *task, struct dm_result *ret);

/** Let go of what the calling thread has of its own. Call at the end of each pool thread. */
void dm_task_thread_end(void);

#endif
