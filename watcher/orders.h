// SPDX-License-Identifier: MIT
//
// Orders: what people want done with many files at once.
//
//   stop   what waits below a path is not made: SEEN, READY, PARKED -> FAILED (stopped); the outbox
//          moves the files to failed/. What runs ends as it does.
//   retry  what failed below a path is tried again: from failed/ to its place in the inbox, also
//          what lies there and no row tells of (share/put_back.h).
//
// An order stands in the ledger until all of it is done, and each turn does a piece of one: others
// have their turns between, and kill -9 costs nothing. It counts for what was there when it was
// given. A retry of single rows is done at once, and stands nowhere.
#ifndef DM_WATCHER_ORDERS_H
#define DM_WATCHER_ORDERS_H

#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum dm_order_kind {
    DM_ORDER_STOP,
    DM_ORDER_RETRY,
    DM_ORDER_KIND_COUNT,
};

/** What came of one. */
struct dm_order_result {
    // Files stopped; files that are back in the inbox.
    int64_t count;
    // Lines "refused TAB what TAB why", both escaped, each ended; the first hundred.
    const char *refused;
    // It goes on; this is what there was when who gave it had waited long enough.
    bool goes_on;
};

/** Called once, in a turn, or between two: what it tells is sure with the next commit. */
typedef void (*dm_order_done_fn)(const struct dm_order_result *result, void *data);

/** Copied; what it points to is borrowed. */
struct dm_orders_config {
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;
    // Files of failed rows are in the inbox, for originals stay there.
    bool leave;
    // Files were put into the inbox: it should look, whether anybody tells it or not.
    struct dm_wake look;
};

struct dm_orders;

/** What an earlier daemon left undone is gone on with. */
struct dm_orders *dm_orders_new(const struct dm_orders_config *config);

/** Stop the share first. Nobody is told any more. Accepts NULL. */
void dm_orders_free(struct dm_orders *orders);

/**
 * Give an order for @path (below the inbox; a file or a directory; "": everything). @done:
 * (nullable) with @data.
 */
void dm_orders_give(struct dm_orders *orders, enum dm_order_kind kind, const char *path,
                    dm_order_done_fn done, void *data);

/** Retry these rows: int64_t, borrowed. */
void dm_orders_retry_rows(struct dm_orders *orders, const GArray *ids, dm_order_done_fn done,
                          void *data);

/** Do a piece. Returns when (monotonic us) the next turn is wanted; INT64_MAX: on events only. */
int64_t dm_orders_turn(struct dm_orders *orders, int64_t now_us);

#endif
