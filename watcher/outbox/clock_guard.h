// SPDX-License-Identifier: MIT
//
// Clock guard: may the wall clock be believed when it says that an original's time is up? A board
// without a clock begins in 1970 and finds out what year it is later; an administrator mistypes.
// Then nothing is deleted for a day, in which somebody may notice. Pure: times come in.
#ifndef DM_WATCHER_OUTBOX_CLOCK_GUARD_H
#define DM_WATCHER_OUTBOX_CLOCK_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct dm_clock_guard {
    // Of the last look: the wall clock, and one that is never set and counts in suspension too.
    // Before the first look of this process `utc_us` is that of the last one before it, or 0.
    int64_t utc_us, steady_us;
    bool has_looked;
    // Nothing is deleted before; wall clock.
    int64_t wait_utc_us;
};

/** Look at the clocks. Returns whether the wall clock has just run away: by more than an hour since
 * the last look, or by more than a week since that of an earlier process. */
bool dm_clock_guard_look(struct dm_clock_guard *guard, int64_t steady_us, int64_t utc_us);

/** Say whether things may be deleted for their age. */
bool dm_clock_guard_may_delete(const struct dm_clock_guard *guard);

#endif
