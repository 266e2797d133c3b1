// SPDX-License-Identifier: MIT
//
// One task from open to temporary file: open beneath the root, fingerprint; in a sandbox read,
// sniff, limits, plan, decode, operations, encode; then fingerprint again. Turns bytes into bytes;
// knows nothing of MPI, queues or the watcher. Next: attempt.h (the tries at a picture), inside.h
// (what a sandbox does), plan.h (what is done), codec/ (how formats are read and written).
#ifndef DM_MPI_WORKER_TASK_TASK_H
#define DM_MPI_WORKER_TASK_TASK_H

#include "common/catalogue.h"
#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What all tasks of one rank share: where sandboxes come from, the memory budget. */
struct dm_task_shared;

/** How tasks are to be done; all of it is borrowed, for the call. */
struct dm_task_settings {
    // How much memory all tasks of this rank may use together by estimate; 0: half of the
    // machine's.
    int64_t memory_bytes;
    // Whether the jail's locks are closed on decoders (jail.h).
    bool jailed;
    // Whether results bear the time of their originals.
    bool source_time;
    // How many tasks one sandbox makes; 0: 50.
    unsigned sandbox_pictures;
    // What transparency is laid on where the result has none.
    struct dm_colour background;
    // (nullable) Pictures for the operation `watermark`: NULL-terminated "NAME=PATH".
    const char *const *watermarks;
};

/**
 * Fork the process that sandboxes come from. Errors: DM_ERROR_SYSTEM. Threads: main, while there is
 * no other, and it must outlive all tasks.
 */
struct dm_task_shared *dm_task_shared_new(const struct dm_task_settings *settings, GError **error);

/** Wait until sandboxes can be had. Errors: DM_ERROR_SYSTEM: they cannot. Threads: any. */
bool dm_task_shared_ready(struct dm_task_shared *shared, GError **error);

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
