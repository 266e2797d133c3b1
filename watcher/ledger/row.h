// SPDX-License-Identifier: MIT
//
// Inside the ledger: what a fact does to a record. The public side is ledger.h.
#ifndef DM_WATCHER_LEDGER_ROW_H
#define DM_WATCHER_LEDGER_ROW_H

#include "watcher/ledger/ledger.h"

/** Change @row as @fact says (see dm_ledger_move). Asserts that the grid allows it. */
void dm_row_apply(struct dm_row *row, enum dm_fact fact, int64_t now_utc_us);

#endif
