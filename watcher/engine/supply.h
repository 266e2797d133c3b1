// SPDX-License-Identifier: MIT
//
// The work that there is for a runner: READY rows of its kind that no rank is at. The ledger is
// asked only when it may have some.
#ifndef DM_WATCHER_ENGINE_SUPPLY_H
#define DM_WATCHER_ENGINE_SUPPLY_H

#include "watcher/engine/in_flight.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** A plain record; what it points to is borrowed. */
struct dm_supply {
    struct dm_ledger *ledger;
    struct dm_in_flight *in_flight;
    // Of suspects, or of all the others.
    bool suspects;
    // What dm_ledger_written(READY) was when the ledger was last asked.
    uint64_t asked;
    // It had none.
    bool drained;
};

/** Say whether the ledger may have work: it had some last time, or a row became READY since. */
bool dm_supply_may_have(const struct dm_supply *supply);

/**
 * At most @limit rows in the order in which they are to be handed out: GPtrArray of struct dm_row
 * (transfer full). A row whose file has changed while a rank is still at it is left out; there are
 * none only if there are none.
 */
GPtrArray *dm_supply_list(struct dm_supply *supply, int64_t limit);

/** Say whether there is work. */
bool dm_supply_has(struct dm_supply *supply);

#endif
