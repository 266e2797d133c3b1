// SPDX-License-Identifier: MIT
//
// See verdict.h.
#include "watcher/notices/verdict.h"

#include <glib.h>
#include <stdbool.h>

enum { REQUEST_TIMEOUT = 408, TOO_MANY_REQUESTS = 429 };

enum dm_verdict dm_verdict_of_status(int status) {
    if (status >= 200 && status <= 299) {
        return DM_VERDICT_DELIVERED;
    }
    bool is_refused = status >= 400 && status <= 499;
    return is_refused && status != REQUEST_TIMEOUT && status != TOO_MANY_REQUESTS
               ? DM_VERDICT_NEVER
               : DM_VERDICT_AGAIN;
}

int64_t dm_verdict_wait_us(const struct dm_verdict_facts *facts) {
    int64_t spent_us = MAX(0, facts->now_utc_us - facts->tried_utc_us); // a clock may be set back
    int64_t left_us = facts->retry_us - spent_us;
    if (left_us <= 0) {
        return -1;
    }
    int64_t wait_us = facts->timeout_us;
    for (int64_t i = 1; i < facts->attempts && wait_us < DM_VERDICT_LONGEST_US; i++) {
        wait_us *= 2;
    }
    return MIN(MIN(wait_us, DM_VERDICT_LONGEST_US), left_us);
}
