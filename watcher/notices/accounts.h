// SPDX-License-Identifier: MIT
//
// An account for each drop (ledger/drops.h) in which something is under way or has ended and was
// not told: kept by the moves of the ledger, without a question to it. A drop has ended when none
// of its files is under way and nothing has come or ended for a while.
//
// What has ended is written once a turn for each drop, in the transaction of its moves; what is
// under way is counted when the daemon starts. So it costs the same a file however many there are.
// Threads: the main loop only.
#ifndef DM_WATCHER_NOTICES_ACCOUNTS_H
#define DM_WATCHER_NOTICES_ACCOUNTS_H

#include "watcher/ledger/ledger.h"
#include "watcher/ledger/notices.h"

#include <glib.h>
#include <stdint.h>

struct dm_accounts;

/** Read what there is, and follow the moves of @ledger, which is borrowed. @idle_us: the while. */
struct dm_accounts *dm_accounts_new(struct dm_ledger *ledger, int64_t idle_us);
/** Accepts NULL. */
void dm_accounts_free(struct dm_accounts *accounts);

/** Write what has changed. */
void dm_accounts_flush(struct dm_accounts *accounts);

/** When (us since 1970) a drop may have ended, at the earliest; INT64_MAX: none will by time. */
int64_t dm_accounts_look_utc_us(const struct dm_accounts *accounts);

/**
 * Call @tell for drops that have ended, at most @limit of them, and close their accounts. What it
 * is given is lent to it.
 */
void dm_accounts_settle(struct dm_accounts *accounts, int64_t now_utc_us, unsigned limit,
                        void (*tell)(const struct dm_ended *ended, void *data), void *data);

#endif
