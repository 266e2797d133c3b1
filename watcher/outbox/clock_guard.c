// SPDX-License-Identifier: MIT
//
// See clock_guard.h.
#include "watcher/outbox/clock_guard.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (24 * HOUR_US)

static bool is_far(int64_t us, int64_t limit_us) {
    return us > limit_us || us < -limit_us;
}

/** How far the wall clock may have gone more than the other: a machine may have been off. */
static bool has_run_away(const struct dm_clock_guard *guard, int64_t steady_us, int64_t utc_us) {
    if (!guard->has_looked) {
        return guard->utc_us != 0 && is_far(utc_us - guard->utc_us, 7 * DAY_US);
    }
    return is_far((utc_us - guard->utc_us) - (steady_us - guard->steady_us), HOUR_US);
}

bool dm_clock_guard_look(struct dm_clock_guard *guard, int64_t steady_us, int64_t utc_us) {
    bool away = has_run_away(guard, steady_us, utc_us);
    if (away) {
        guard->wait_utc_us = utc_us + DAY_US;
    }
    guard->utc_us = utc_us;
    guard->steady_us = steady_us;
    guard->has_looked = true;
    return away;
}

bool dm_clock_guard_may_delete(const struct dm_clock_guard *guard) {
    int64_t rest_us = guard->wait_utc_us - guard->utc_us;
    // A rest of more than a day is of a clock that went backwards; one that is set right by moments
    // after its jump has not.
    return rest_us <= 0 || rest_us > DAY_US + HOUR_US;
}
