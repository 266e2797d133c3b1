// SPDX-License-Identifier: MIT
//
// What the end of a session costs: its RUNNING rows go back to READY, the suspects among them are
// marked, and those that killed too often fail. The rules are in health.h; this writes the ledger.
#ifndef DM_WATCHER_ENGINE_POSTMORTEM_H
#define DM_WATCHER_ENGINE_POSTMORTEM_H

#include "watcher/engine/health.h"
#include "watcher/engine/in_flight.h"
#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/** Whose session ended. */
struct dm_postmortem_case {
    const struct dm_ending *ending;
    int64_t job;
    // Its tasks are still in flight.
    const void *runner;
    bool alone;
};

struct dm_postmortem {
    // Rows that are READY again.
    int64_t lost;
    // Of these.
    int64_t suspects;
    // Rows that were given up.
    int64_t failed;
};

/** Settle all RUNNING rows of the session. */
struct dm_postmortem dm_postmortem_hold(const struct dm_postmortem_case *of,
                                        struct dm_in_flight *in_flight, struct dm_ledger *ledger);

#endif
