// SPDX-License-Identifier: MIT
#include "watcher/engine/supply.h"

bool dm_supply_may_have(const struct dm_supply *supply) {
    return !supply->drained || dm_ledger_written(supply->ledger, DM_STATE_READY) != supply->asked;
}

static void drop_in_flight(const struct dm_supply *supply, GPtrArray *rows) {
    for (guint i = rows->len; i-- > 0;) {
        const struct dm_row *row = rows->pdata[i];
        if (dm_in_flight_has(supply->in_flight, row->id)) {
            g_ptr_array_remove_index(rows, i);
        }
    }
}

static GPtrArray *ask(struct dm_supply *supply, int64_t limit) {
    const struct dm_query suspects = {
        .states = 1u << DM_STATE_READY, .no_temp = true, .suspects = true, .limit = limit};
    supply->asked = dm_ledger_written(supply->ledger, DM_STATE_READY);
    GPtrArray *rows = supply->suspects ? dm_ledger_list(supply->ledger, &suspects)
                                       : dm_ledger_work(supply->ledger, limit);
    supply->drained = rows->len == 0;
    return rows;
}

GPtrArray *dm_supply_list(struct dm_supply *supply, int64_t limit) {
    GPtrArray *rows = ask(supply, limit);
    bool all = rows->len < limit;
    drop_in_flight(supply, rows);
    if (rows->len == 0 && !all) {
        g_ptr_array_unref(rows);
        rows = ask(supply, limit + dm_in_flight_count(supply->in_flight));
        drop_in_flight(supply, rows);
    }
    return rows;
}

bool dm_supply_has(struct dm_supply *supply) {
    if (!dm_supply_may_have(supply)) {
        return false;
    }
    g_autoptr(GPtrArray) rows = dm_supply_list(supply, 1);
    return rows->len > 0;
}
