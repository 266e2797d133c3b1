// SPDX-License-Identifier: MIT
//
// One way out: its notices go one after the other, those whose time has come first, on a thread of
// its own; what fails waits, longer each time, and is given up after a time; after a failure the
// way rests for as long as an attempt may take, whatever waits. A notice is gone from the ledger
// when it has gone out: who is killed in between sends it again, under the same id. Threads: the
// main loop only.
#ifndef DM_WATCHER_NOTICES_DELIVERY_H
#define DM_WATCHER_NOTICES_DELIVERY_H

#include "watcher/ledger/ledger.h"
#include "watcher/ledger/notices.h"
#include "watcher/notices/settings.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

// The most notices that wait for one way; when there are more the oldest are dropped.
#define DM_DELIVERY_MAX 1000

struct dm_delivery;

/** All are borrowed but @wake, which is copied. Errors: DM_ERROR_SYSTEM. */
struct dm_delivery *dm_delivery_new(enum dm_notice_way way,
                                    const struct dm_notices_settings *settings,
                                    struct dm_ledger *ledger, const struct dm_wake *wake,
                                    GError **error);

/** End what is under way, and take in what has come of it. Accepts NULL. */
void dm_delivery_stop(struct dm_delivery *delivery);

/** It has been stopped. Accepts NULL. */
void dm_delivery_free(struct dm_delivery *delivery);

/** Queue @notice, whose way is set to this one. */
void dm_delivery_add(struct dm_delivery *delivery, struct dm_notice *notice);

/** Choose what goes next. Returns when (us since 1970) that is; INT64_MAX: nothing by time. */
int64_t dm_delivery_turn(struct dm_delivery *delivery, int64_t now_utc_us);

/** The ledger knows of it: let it go. */
void dm_delivery_committed(struct dm_delivery *delivery);

/** What has happened since the start. */
struct dm_delivery_status {
    int64_t pending, delivered, retried, lost;
    // Why the last one has not gone out; "" when it has. The delivery's.
    const char *problem;
};

void dm_delivery_status(const struct dm_delivery *delivery, struct dm_delivery_status *ret);

#endif
