// SPDX-License-Identifier: MIT
//
// What the end of a session costs: its RUNNING rows go back to READY, the suspects among them are
// marked, and those that killed too often fail. The rules are in health.h; this writes the ledger.
#ifndef DM_WATCHER_ENGINE_TOLL_H
#define DM_WATCHER_ENGINE_TOLL_H

#include "watcher/engine/flights.h"
#include "watcher/engine/health.h"
#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/** Whose session ended. */
struct dm_toll_case {
    const struct dm_ending *ending;
    int64_t job;
    const void *crew; // its flights are still in the table
    bool alone;
};

struct dm_toll {
    int64_t lost;     // rows that are READY again
    int64_t suspects; // of them
    int64_t failed;   // rows that were given up
};

/** Settle all RUNNING rows of the session. */
struct dm_toll dm_toll_take(const struct dm_toll_case *of, struct dm_flights *flights,
                            struct dm_ledger *ledger);

#endif
