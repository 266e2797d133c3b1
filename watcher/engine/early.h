// SPDX-License-Identifier: MIT
//
// Whether a session is started before there is work: when a file is seen it will be ready soon, and
// the session then is up. Pure. Used by runner.h. The rule is the essay at the top of early.c.
#ifndef DM_WATCHER_ENGINE_EARLY_H
#define DM_WATCHER_ENGINE_EARLY_H

#include <stdbool.h>
#include <stdint.h>

/** All zero: nothing was seen yet. */
struct dm_early {
    // dm_ledger_drops() when last looked at.
    uint64_t arrivals;
    // The session that there is was started early, and has had no work.
    bool unused;
    // Monotonic; none is started early before.
    int64_t not_before_us;
};

/** Look, in every turn: say whether files have arrived for which a session may start early. */
bool dm_early_arrived(struct dm_early *early, uint64_t arrivals, int64_t now_us);

/** A session starts early. */
void dm_early_started(struct dm_early *early);

/** A session has got work. */
void dm_early_worked(struct dm_early *early);

/** A session has ended. */
void dm_early_ended(struct dm_early *early, int64_t now_us);

#endif
