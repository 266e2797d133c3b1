// SPDX-License-Identifier: MIT
//
// Expiry: the room that lets the ledger forget (ledger/expiry.h), a piece a turn, so that no turn
// is held up by it, however much was dropped on one day.
//
//   every hour   history and rows older than history.keep, PIECE rows a turn until none is left
//   every day    the names of results that people have taken away: the share is asked for those
//                whose input is forgotten, PIECE names a job, and never while it is not there
#ifndef DM_WATCHER_EXPIRY_H
#define DM_WATCHER_EXPIRY_H

#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <stdbool.h>
#include <stdint.h>

/** Copied; what it points to is borrowed. */
struct dm_expiry_config {
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;
    // INT64_MAX: for ever.
    int64_t keep_us;
    // Originals stay in the inbox: a row is all that tells that its file is not new.
    bool leave;
    // The mirror deletes what was taken away: it wants to find that out itself.
    bool mirror_deletes;
    // The first look is an hour after this (monotonic).
    int64_t now_us;
};

struct dm_expiry;

struct dm_expiry *dm_expiry_new(const struct dm_expiry_config *config);

/** Stop the share first. Accepts NULL. */
void dm_expiry_free(struct dm_expiry *expiry);

/** Forget a piece, if it is time. Returns when (monotonic us) the next turn is wanted. */
int64_t dm_expiry_turn(struct dm_expiry *expiry, int64_t now_us);

#endif
