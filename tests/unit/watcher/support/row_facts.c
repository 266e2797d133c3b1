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

struct dm_row *row_in_state(struct dm_ledger *ledger, enum dm_state state) {
    static const struct {
        enum dm_fact facts[6];
        int count;
    } ways[DM_STATE_COUNT] = {
        [DM_STATE_READY] = {{DM_FACT_SETTLED}, 1},
        [DM_STATE_RUNNING] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED}, 2},
        [DM_STATE_COMPUTED] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED}, 3},
        [DM_STATE_PUBLISHED] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                                 DM_FACT_PUBLISHED},
                                4},
        [DM_STATE_DONE] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                            DM_FACT_PUBLISHED, DM_FACT_RETIRED},
                           5},
        [DM_STATE_FAILED] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_REFUSED}, 3},
        [DM_STATE_PARKED] = {{DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_BLOCKED}, 3},
    };
    g_autofree char *path = g_strdup_printf("gray/%s.jpg", dm_state_name(state));
    const struct dm_fingerprint print = {.ino = 2, .size_bytes = 4, .mtime_ns = 5};
    struct dm_row *row = dm_ledger_insert(ledger, path, "gray", &print);
    for (int i = 0; i < ways[state].count; i++) {
        row_move(ledger, row, ways[state].facts[i]);
    }
    g_assert_cmpint(row->state, ==, state);
    return row;
}
