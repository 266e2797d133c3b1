// SPDX-License-Identifier: MIT
//
// Inside the ledger: what is always true of a row in its state. See the grid of ledger.h.
#ifndef DM_WATCHER_LEDGER_INVARIANTS_H
#define DM_WATCHER_LEDGER_INVARIANTS_H

#include "watcher/ledger/ledger.h"

/** Say what @row breaks, as in "a running row has no temp"; NULL: nothing. (transfer full) Pure. */
char *dm_row_breach(const struct dm_row *row);

/** In the builds that check (DM_CHECK_ROWS, see the Makefile): end the program at a breach. */
void dm_row_check(const struct dm_row *row);

#endif
