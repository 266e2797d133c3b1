// SPDX-License-Identifier: MIT
//
// What is under way, by folder, for who wants to know how long it will take. Read first: ledger.h.
#ifndef DM_WATCHER_LEDGER_UNDER_WAY_H
#define DM_WATCHER_LEDGER_UNDER_WAY_H

#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdint.h>

/** One folder directly in the inbox in which there is something to do. */
struct dm_under_way {
    char *folder;
    // Files that are complete, or were just noticed, and not yet done.
    int64_t left;
    // When the first of them was noticed.
    int64_t since_utc_us;
    // Files of the folder that were done since then.
    int64_t done;
};

/** All such folders, sorted; of struct dm_under_way, (transfer full). Threads: the ledger's. */
GPtrArray *dm_ledger_under_way(struct dm_ledger *ledger);

/** All files that are to be made: complete or just noticed, in work, or held up. */
struct dm_queue {
    // Of their originals.
    int64_t bytes;
    // When the one was noticed that waits longest; 0: there is none.
    int64_t since_utc_us;
};

/** Look through them: it costs 0.2 us or so a file. Threads: the ledger's. */
void dm_ledger_queue(struct dm_ledger *ledger, struct dm_queue *ret);

#endif
