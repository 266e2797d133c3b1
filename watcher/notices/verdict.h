// SPDX-License-Identifier: MIT
//
// What an attempt to deliver a notice means, and when the next one is. Pure.
#ifndef DM_WATCHER_NOTICES_VERDICT_H
#define DM_WATCHER_NOTICES_VERDICT_H

#include <stdint.h>

enum dm_verdict {
    // It is delivered.
    DM_VERDICT_DELIVERED,
    // It may be another time.
    DM_VERDICT_AGAIN,
    // It will never be.
    DM_VERDICT_NEVER,
    // We were to stop: nothing is known.
    DM_VERDICT_STOPPED,
};

/** What the status of an answer means; 0: there is none. */
enum dm_verdict dm_verdict_of_status(int status);

/** The longest that is waited between two attempts. */
#define DM_VERDICT_LONGEST_US (INT64_C(600) * 1000000)

/** When the next attempt is, and whether there is one. Times are in us since 1970. */
struct dm_verdict_facts {
    int64_t now_utc_us, tried_utc_us;
    // So far: 1 or more.
    int64_t attempts;
    // How long an attempt may take; how long there are any.
    int64_t timeout_us, retry_us;
};

/** Returns how long to wait for the next attempt, twice as long each time, the last when all the
 * time is over; -1: there is none. */
int64_t dm_verdict_wait_us(const struct dm_verdict_facts *facts);

#endif
