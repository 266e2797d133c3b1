// SPDX-License-Identifier: MIT
//
// When a session gets more work, how much of it, and which suspect is next. Which files are next is
// the ledger's answer (dm_ledger_work()). Pure. Used by runner.h.
#ifndef DM_WATCHER_ENGINE_BATCHER_H
#define DM_WATCHER_ENGINE_BATCHER_H

#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** When a batch is full. */
struct dm_batch_limits {
    int64_t files;
    // Of input.
    int64_t bytes;
};

/** What a batch has taken in. */
struct dm_batch {
    int64_t files;
    int64_t bytes;
};

/** What a session has to do. */
struct dm_load {
    // Handed out and not reported yet.
    int64_t files;
    // Of those, what no thread has taken up; and how long that will take one thread, as far as is
    // known.
    int64_t waiting;
    int64_t waiting_us;
};

/**
 * Say whether a session with @load takes another batch, for its @threads: while there is less than
 * two tasks for each of them to take up, or noticeably less than DM_AHEAD_US of known work.
 */
bool dm_batcher_has_room(const struct dm_load *load, int64_t threads);

/** So much work is handed out ahead, of each thread: what comes after it has to wait for that. */
#define DM_AHEAD_US INT64_C(2000000)

/**
 * Say whether @batch, on its way to a session with @load, takes a file of @bytes, too. The first is
 * always taken, however large.
 */
bool dm_batcher_takes(const struct dm_batch *batch, const struct dm_batch_limits *limits,
                      const struct dm_load *load, int64_t threads, int64_t bytes);

/** Choose the suspect that runs next: fewest deaths first, then the oldest; NULL: none. */
struct dm_row *dm_batcher_suspect(const GPtrArray *rows);

#endif
