// SPDX-License-Identifier: MIT
//
// An object has become a file of the inbox. Above files.c, which knows of arrivals.c: where this is
// told late (a kill, a share that went away), that file may have ended by now. Read first:
// arrivals.h.
#include "watcher/ledger/arrivals.h"
#include "watcher/ledger/db.h"

void dm_ledger_take_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival) {
    arrival->state = DM_ARRIVAL_TAKEN;
    dm_ledger_save_arrival(ledger, arrival);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, arrival->path);
    if (row != NULL) {
        dm_db_end_arrival(ledger, row, false);
    }
}
