// SPDX-License-Identifier: MIT
//
// See rate.h. What happened weighs 1/e of itself after MEMORY_S.
#include "watcher/rate.h"

#include <math.h>

#define MEMORY_S 5.0

static double faded(const struct dm_rate *rate, int64_t now_us) {
    double passed_s = (double)(now_us - rate->at_us) / 1e6;
    return rate->per_s * exp(-passed_s / MEMORY_S);
}

void dm_rate_note(struct dm_rate *rate, uint64_t count, int64_t now_us) {
    if (count != rate->count) {
        rate->per_s = faded(rate, now_us) + (double)(count - rate->count) / MEMORY_S;
        rate->at_us = now_us;
        rate->count = count;
    }
}

int64_t dm_rate_milli(const struct dm_rate *rate, int64_t now_us) {
    return llround(faded(rate, now_us) * 1000);
}
