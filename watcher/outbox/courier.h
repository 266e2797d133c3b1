// SPDX-License-Identifier: MIT
//
// The courier: takes errands of one kind to the lane in jobs and brings them home. A row has at
// most one errand under way, and what comes back counts only if the row is still what it was when
// it began. When the share is not there, errands come home without a fact and the courier says when
// to try again.
#ifndef DM_WATCHER_OUTBOX_COURIER_H
#define DM_WATCHER_OUTBOX_COURIER_H

#include "common/lane.h"
#include "watcher/ledger/ledger.h"
#include "watcher/outbox/errand.h"
#include "watcher/outbox/outbox.h"
#include "watcher/outbox/roots.h"
#include "watcher/wake.h"

/** A kind of errand: what the lane does for it, and what the main thread does with it afterwards.
 */
struct dm_errand_kind {
    bool (*begin)(const struct dm_roots *roots, GError **error); // (nullable) once a job
    void (*work)(const struct dm_roots *roots, const struct dm_outbox_config *config,
                 struct dm_errand *errand);
    void (*done)(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand);
};

/** Whom the courier works for; copied, what it points at is borrowed. */
struct dm_courier_config {
    struct dm_outbox *outbox; // for `done`
    const struct dm_outbox_config *config;
    struct dm_roots *roots;
    struct dm_ledger *ledger;
    struct dm_lane *lane;
    const struct dm_wake *wake;
};

struct dm_courier;
struct dm_courier *dm_courier_new(const struct dm_courier_config *config);
/** All errands must be home. Accepts NULL. */
void dm_courier_free(struct dm_courier *courier);

/**
 * Make errands for the rows that @query asks for and that have none under way; at most @limit, none
 * while too many are under way: GPtrArray of struct dm_errand (transfer full).
 */
GPtrArray *dm_courier_gather(struct dm_courier *courier, struct dm_query query, guint limit);

/** An empty array for errands; (transfer full). */
GPtrArray *dm_courier_errands(void);

/** Send @errands (transfer full), all of @kind, as one job; none is fine. */
void dm_courier_send(struct dm_courier *courier, const struct dm_errand_kind *kind,
                     GPtrArray *errands);

/** Say whether a job is on the lane: one of @kind, or (NULL) any. */
bool dm_courier_busy(const struct dm_courier *courier, const struct dm_errand_kind *kind);

/** Say whether errands came home since the last call. */
bool dm_courier_take_news(struct dm_courier *courier);

/** Since the share is not there: until when (monotonic us) to send nobody; INT64_MIN if all is
 * well. */
int64_t dm_courier_offline_until(struct dm_courier *courier, int64_t now_us);

#endif
