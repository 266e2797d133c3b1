// SPDX-License-Identifier: MIT
//
// A moving average of how often something happens: of the last seconds, and less of those before
// them. Pure.
#ifndef DM_WATCHER_RATE_H
#define DM_WATCHER_RATE_H

#include <stdint.h>

/** All 0 at first. */
struct dm_rate {
    uint64_t count;
    int64_t at_us;
    double per_s;
};

/** By @now_us (monotonic) it has happened @count times in all, @count not growing smaller. */
void dm_rate_note(struct dm_rate *rate, uint64_t count, int64_t now_us);

/** How often a second, in thousandths, as of @now_us. */
int64_t dm_rate_milli(const struct dm_rate *rate, int64_t now_us);

#endif
