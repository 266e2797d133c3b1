// SPDX-License-Identifier: MIT
//
// Batches: see batcher.h.
#include "watcher/engine/batcher.h"

// Less room than this is not worth a look at the ledger.
#define ROOM_US (DM_AHEAD_US / 8)

/** Two tasks for each thread, so that none waits for us, whatever is known of them. */
static bool is_short(const struct dm_load *load, int64_t threads) {
    return load->waiting < 2 * threads;
}

bool dm_batcher_has_room(const struct dm_load *load, int64_t threads) {
    return is_short(load, threads) || load->waiting_us <= (DM_AHEAD_US - ROOM_US) * threads;
}

bool dm_batcher_takes(const struct dm_batch *batch, const struct dm_batch_limits *limits,
                      const struct dm_load *load, int64_t threads, int64_t bytes) {
    if (batch->files == 0) {
        return true;
    }
    bool wanted = is_short(load, threads) || load->waiting_us < DM_AHEAD_US * threads;
    return wanted && batch->files < limits->files && batch->bytes + bytes <= limits->bytes;
}

struct dm_row *dm_batcher_suspect(const GPtrArray *rows) {
    struct dm_row *next = NULL;
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        if (next == NULL || row->crashes < next->crashes) {
            next = row;
        }
    }
    return next;
}
