// SPDX-License-Identifier: MIT
//
// See row_facts.h.
#include "tests/unit/watcher/support/row_facts.h"

void row_prepare(struct dm_row *row, enum dm_fact fact) {
    switch (fact) {
    case DM_FACT_DISPATCHED:
        row->job = 1;
        dm_row_set(&row->temp, "gray/.dropmill-1-1.tmp");
        break;
    case DM_FACT_COMPUTED:
        dm_row_set(&row->format, "jpeg");
        row->bytes = 100;
        break;
    case DM_FACT_PUBLISHED:
        dm_row_set(&row->output, row->path);
        dm_row_set(&row->temp, "");
        break;
    case DM_FACT_REFUSED:
        row->reason = DM_REASON_TRUNCATED;
        break;
    case DM_FACT_BLOCKED:
        row->reason = row->state == DM_STATE_FAILED ? row->reason : DM_REASON_CANNOT_WRITE;
        row->not_before_utc_us = INT64_MAX;
        break;
    case DM_FACT_RESUMED:
        row->reason = row->parked_from == DM_STATE_FAILED ? row->reason : DM_REASON_NONE;
        break;
    default:
        break;
    }
}

void row_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact) {
    row_prepare(row, fact);
    dm_ledger_move(ledger, row, fact);
}
