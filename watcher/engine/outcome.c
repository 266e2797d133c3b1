// SPDX-License-Identifier: MIT
//
// Results: see outcome.h. A worker leaves a temporary only when it is done; but where the world
// refuses it may also have refused to remove one: then the name stays, and the outbox looks.
#include "watcher/engine/outcome.h"

/** A row a status. */
static const struct {
    enum dm_fact fact;
    bool keeps_temp;  // there may be one
    bool is_harmless; // the picture was worked on to its end and killed nobody
} outcomes[DM_STATUS_COUNT] = {
    [DM_STATUS_DONE] = {DM_FACT_COMPUTED, true, true},
    [DM_STATUS_FAILED] = {DM_FACT_REFUSED, false, true},
    [DM_STATUS_CHANGED] = {DM_FACT_CHANGED, false, false},
    [DM_STATUS_BLOCKED] = {DM_FACT_BLOCKED, true, false},
};

enum dm_fact dm_outcome_apply(const struct dm_result *result, int64_t retry_utc_us,
                              struct dm_row *row) {
    row->reason = result->reason;
    dm_row_set(&row->message, result->message);
    dm_row_set(&row->format, result->format);
    row->width_px = result->width_px;
    row->height_px = result->height_px;
    row->bytes = result->bytes;
    row->elapsed_us = result->elapsed_us;
    dm_row_set(&row->host, result->host);
    row->rank = result->rank;
    if (!outcomes[result->status].keeps_temp) {
        dm_row_set(&row->temp, "");
    }
    if (outcomes[result->status].is_harmless) {
        row->suspect = false;
    }
    if (result->status == DM_STATUS_BLOCKED) {
        row->not_before_utc_us = retry_utc_us;
    }
    return outcomes[result->status].fact;
}
