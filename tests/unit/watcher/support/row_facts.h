// SPDX-License-Identifier: MIT
//
// Rows that are moved by hand, as the room moves them that reports the fact.
#ifndef DM_TESTS_ROW_FACTS_H
#define DM_TESTS_ROW_FACTS_H

#include "watcher/ledger/ledger.h"

/** Write into @row what a room writes before it reports @fact: a job, a temporary, a reason. */
void row_prepare(struct dm_row *row, enum dm_fact fact);

/** The same, and report it. */
void row_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact);

/** A new row "gray/STATE.jpg" that has come to @state by the shortest way; (transfer full). */
struct dm_row *row_in_state(struct dm_ledger *ledger, enum dm_state state);

#endif
