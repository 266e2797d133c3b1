// SPDX-License-Identifier: MIT
//
// Which READY rows make the next batch, and whether there is room for one. Pure. Used by runner.h.
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

/** What a session has to do and has not reported yet. */
struct dm_load {
    int64_t files;
    int64_t bytes;
};

/**
 * Say whether a session with @load takes another batch: while it has at most one batch's worth (so
 * that no rank waits for the next), or less than two tasks for each of its @threads.
 */
bool dm_batcher_has_room(const struct dm_load *load, const struct dm_batch_limits *limits,
                         int64_t threads);

/**
 * Choose from @rows (struct dm_row, oldest first): the oldest first, directories in turn, until the
 * batch is full; the first row is always taken, however large.
 * Returns: GPtrArray of pointers into @rows, which owns them.
 */
GPtrArray *dm_batcher_pick(const GPtrArray *rows, const struct dm_batch_limits *limits);

/** Choose the suspect that runs next: fewest deaths first, then the oldest; NULL: none. */
struct dm_row *dm_batcher_suspect(const GPtrArray *rows);

#endif
