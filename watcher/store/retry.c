// SPDX-License-Identifier: MIT
//
// See retry.h.
#include "watcher/store/retry.h"

#include "watcher/store/pace.h"

#define DATA_TRIES 3
#define CLOCK_TRIES 3
#define FEWER_PARTS_THAN 9000
#define MEBIBYTE (INT64_C(1) << 20)

/** What a class says; `counts` and `patient` (a delay that grows) go with AGAIN. */
static const struct {
    enum dm_retry_verdict verdict;
    bool counts, patient;
} rules[DM_STORE_CLASS_COUNT] = {
    [DM_STORE_OK] = {DM_RETRY_DONE, false, false},
    [DM_STORE_TRANSPORT] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_THROTTLE] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_SERVER] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_DATA] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_CLOCK] = {DM_RETRY_AGAIN, true, false},
    [DM_STORE_CREDENTIALS] = {DM_RETRY_LEAVE, false, false},
    [DM_STORE_MULTIPART] = {DM_RETRY_LOOK, true, true},
    [DM_STORE_PRECONDITION] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_MISSING] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_SOURCE] = {DM_RETRY_AGAIN, true, true},
    [DM_STORE_OBJECT] = {DM_RETRY_PARK, true, false},
    [DM_STORE_ENDPOINT] = {DM_RETRY_LEAVE, false, false},
    [DM_STORE_CANCELLED] = {DM_RETRY_LEAVE, false, false},
};

struct dm_retry_decision dm_retry_decide(const struct dm_store_result *result, int64_t attempts,
                                         double chance) {
    enum dm_store_class class = result->class;
    struct dm_retry_decision decision = {
        .verdict = rules[class].verdict,
        .counts = rules[class].counts,
        .is_doubtful = result->is_unknown,
    };
    if (class == DM_STORE_DATA && attempts + 1 >= DATA_TRIES) {
        decision.verdict = DM_RETRY_PARK;
    }
    bool patient = rules[class].patient || (class == DM_STORE_CLOCK && attempts >= CLOCK_TRIES);
    if (decision.verdict != DM_RETRY_PARK && patient) {
        decision.delay_us = dm_pace_delay_us(attempts + 1, result->retry_after_us, chance);
    }
    return decision;
}

int64_t dm_retry_part_bytes(int64_t bytes, int64_t part_bytes) {
    int64_t least = (bytes + FEWER_PARTS_THAN - 1) / FEWER_PARTS_THAN;
    int64_t rounded = (least + MEBIBYTE - 1) / MEBIBYTE * MEBIBYTE;
    return MAX(part_bytes, rounded);
}

int dm_retry_part_count(int64_t bytes, int64_t part_bytes) {
    return (int)((bytes + part_bytes - 1) / part_bytes);
}
