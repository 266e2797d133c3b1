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

#endif
