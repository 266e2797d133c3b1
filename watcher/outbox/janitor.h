// SPDX-License-Identifier: MIT
//
// The janitor: what the outbox does at its start, when the share is back, and every hour: sweep
// temporaries that nobody will publish, notes whose file is gone, originals whose time is up. One
// job of the share at a time, each a small one.
#ifndef DM_WATCHER_OUTBOX_JANITOR_H
#define DM_WATCHER_OUTBOX_JANITOR_H

#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <stdbool.h>
#include <stdint.h>

struct dm_janitor;

/** All arguments are borrowed for the janitor's life. @keep_us: how long originals are kept. */
struct dm_janitor *dm_janitor_new(int64_t keep_us, struct dm_share *share, struct dm_ledger *ledger,
                                  const struct dm_wake *wake);
/** No job may be under way any more. Accepts NULL. */
void dm_janitor_free(struct dm_janitor *janitor);

/** Look at everything soon: the share was away, and a power cut may have brought back what was
 * gone.
 */
void dm_janitor_hurry(struct dm_janitor *janitor);

/** Do what is due at @now_us (monotonic), which is @utc_us; @steady_us goes on while the machine is
 * suspended, too. Returns when the next turn is wanted. */
int64_t dm_janitor_turn(struct dm_janitor *janitor, int64_t now_us, int64_t steady_us,
                        int64_t utc_us);

#endif
