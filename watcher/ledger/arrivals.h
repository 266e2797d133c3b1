// SPDX-License-Identifier: MIT
//
// The third door of the ledger: the journal of the S3 inbox, one row for each key that it has found
// and begun with. The row and its states: arrival.h. An object is known by its key and its ETag,
// and is taken at most once; another ETag is another object.
//
// TAKEN becomes ENDED by the move that ends the file (DONE with its result in the mirror, if there
// is one; FAILED; gone), in its transaction, and not by anybody who looks for it. A file is ours by
// its size and time of change: where people put another one in its place it ends as "replaced".
// Threads: the main loop only.
#ifndef DM_WATCHER_LEDGER_ARRIVALS_H
#define DM_WATCHER_LEDGER_ARRIVALS_H

#include "watcher/ledger/arrival.h"
#include "watcher/ledger/ledger.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** A number that grows with every row that becomes FETCHED, ENDED or ANSWERED. */
uint64_t dm_ledger_arrivals_queued(const struct dm_ledger *ledger);

/** How many rows are in each state. Costs nothing but the first time, and in a read-only ledger. */
void dm_ledger_count_arrivals(struct dm_ledger *ledger, int64_t ret_counts[DM_ARRIVAL_STATE_COUNT]);

/** The row of @key, or NULL; (transfer full). */
struct dm_arrival *dm_ledger_find_arrival(struct dm_ledger *ledger, const char *key);

/** At most @limit rows in @state whose time has come at @utc_us, in the order of that time:
 * GPtrArray of struct dm_arrival (transfer full). */
GPtrArray *dm_ledger_due_arrivals(struct dm_ledger *ledger, enum dm_arrival_state state,
                                  int64_t utc_us, int64_t limit);

/** At most @limit rows with keys above @after up to @upto, in the order of their bytes; the same.
 */
GPtrArray *dm_ledger_list_arrivals(struct dm_ledger *ledger, const char *after, const char *upto,
                                   int64_t limit);

/** Add @arrival, in its state, in place of what there is of its key; sets its id. */
void dm_ledger_add_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival);

/** Write state, output, reason, message, attempts and not_before of @arrival, unless another object
 * has come in its place. */
void dm_ledger_save_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival);

/** Its file is in the inbox: it is TAKEN, and ENDED at once if that file has ended already.
 * @arrival is out of date then. */
void dm_ledger_take_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival);

/** Forget it: its object is no more, or was never ours. */
void dm_ledger_forget_arrival(struct dm_ledger *ledger, const struct dm_arrival *arrival);

#endif
