// SPDX-License-Identifier: MIT
//
// What is wrong, as status says: told when it has lasted for a while, and when it has been over for
// as long, so that nobody is told of what comes and goes. What was told is in the ledger.
// Threads: the main loop only.
#ifndef DM_WATCHER_NOTICES_TROUBLES_H
#define DM_WATCHER_NOTICES_TROUBLES_H

#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Something that is wrong. */
struct dm_trouble {
    // Of the item of the status table.
    char *name;
    // The sentence; as it was told, once it was.
    char *problem;
    // It began then.
    int64_t since_utc_us;
    // It has not been so since then; 0: it is so.
    int64_t over_utc_us;
    bool is_told;
    // It was seen in the look that goes on.
    bool is_seen;
};

struct dm_troubles;

/** @after_us: the while. @ledger is borrowed. */
struct dm_troubles *dm_troubles_new(struct dm_ledger *ledger, int64_t after_us);
/** Accepts NULL. */
void dm_troubles_free(struct dm_troubles *troubles);

/** A look: it begins, all that is wrong is named, it ends at @now_utc_us. */
void dm_troubles_begin_look(struct dm_troubles *troubles);
void dm_troubles_see(struct dm_troubles *troubles, const char *name, const char *problem,
                     int64_t now_utc_us);
/** Call @tell for what is to be told: one whose `over_utc_us` is not 0 is over. */
void dm_troubles_end_look(struct dm_troubles *troubles, int64_t now_utc_us,
                          void (*tell)(const struct dm_trouble *trouble, void *data), void *data);

#endif
