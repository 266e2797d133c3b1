// SPDX-License-Identifier: MIT
//
// An errand: what the lane is sent to do for one row, and the fact that it brings back. The lane
// decides nothing: it finds out what is true on disk, and the room tells the ledger.
#ifndef DM_WATCHER_OUTBOX_ERRAND_H
#define DM_WATCHER_OUTBOX_ERRAND_H

#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>

struct dm_errand {
    struct dm_row *row; // as it was when the errand began; owned
    char *name;         // look: the candidate for a final name; owned, else NULL
    bool unproved;      // retire: an earlier process published it: is the result still whole?
    // What came of it.
    enum dm_fact fact; // DM_FACT_COUNT: nothing to report
    bool exists;       // look: somebody's file has that name
    char *message;     // BLOCKED: what was refused and why; owned, else NULL
    char *kept;        // RETIRED: the original is here now, below originals/; owned, else NULL
};

/** @row (transfer full). */
struct dm_errand *dm_errand_new(struct dm_row *row);
void dm_errand_free(struct dm_errand *errand);

/** The world refused with errno: BLOCKED, "cannot <what>: '<name>': <why>". */
void dm_errand_block(struct dm_errand *errand, const char *what, const char *name);

#endif
