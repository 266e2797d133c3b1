// SPDX-License-Identifier: MIT
//
// What the outbox does at its start and every hour: sweep temporaries that nobody will publish,
// notes whose file is gone, originals whose time is up. One job on the lane at a time, each a small
// one.
#ifndef DM_WATCHER_OUTBOX_CHORES_H
#define DM_WATCHER_OUTBOX_CHORES_H

#include "common/lane.h"
#include "watcher/ledger/ledger.h"
#include "watcher/outbox/roots.h"
#include "watcher/wake.h"

#include <stdbool.h>
#include <stdint.h>

struct dm_chores;

/** All arguments are borrowed for the chores' life. */
struct dm_chores *dm_chores_new(struct dm_roots *roots, struct dm_ledger *ledger,
                                struct dm_lane *lane, const struct dm_wake *wake);
/** No job may be on the lane any more. Accepts NULL. */
void dm_chores_free(struct dm_chores *chores);

/** Do what is due at @now_us (monotonic), which is @utc_us. Returns when the next turn is wanted.
 */
int64_t dm_chores_turn(struct dm_chores *chores, int64_t now_us, int64_t utc_us);

/** Say whether a job is on the lane. */
bool dm_chores_busy(const struct dm_chores *chores);

#endif
