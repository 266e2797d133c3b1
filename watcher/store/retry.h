// SPDX-License-Identifier: MIT
//
// What to do about an attempt that has ended, by its class (store.h has the grid) and by what was
// before. Pure. How fast all of them go is another matter: pace.h.
#ifndef DM_WATCHER_STORE_RETRY_H
#define DM_WATCHER_STORE_RETRY_H

#include "watcher/store/store_records.h"

#include <stdint.h>

/** How long a request of unknown outcome may still come in. */
#define DM_RETRY_DOUBT_US (INT64_C(90) * 1000000)

enum dm_retry_verdict {
    // It is there.
    DM_RETRY_DONE,
    // Once more, at a time.
    DM_RETRY_AGAIN,
    // Ask what is there (head), then decide.
    DM_RETRY_LOOK,
    // It will not do as it is.
    DM_RETRY_PARK,
    // Nothing has happened, nothing is known: it stays as it is.
    DM_RETRY_LEAVE,
};

/** What is to be done. */
struct dm_retry_decision {
    enum dm_retry_verdict verdict;
    // AGAIN, LOOK (if it is not there): from now.
    int64_t delay_us;
    // The attempt counts: it is by its own fault that it failed, or its server's.
    bool counts;
    // What was sent may still come in.
    bool is_doubtful;
};

/**
 * Decide about a put, or a step of an upload in parts.
 *
 * @attempts  of this very thing that failed before.
 * @chance    from 0 to below 1.
 */
struct dm_retry_decision dm_retry_decide(const struct dm_store_result *result, int64_t attempts,
                                         double chance);

/** How large the parts of a file of @bytes are, @part_bytes being what is configured: few enough of
 * them. */
int64_t dm_retry_part_bytes(int64_t bytes, int64_t part_bytes);

/** How many parts that makes. */
int dm_retry_part_count(int64_t bytes, int64_t part_bytes);

#endif
