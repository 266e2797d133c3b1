// SPDX-License-Identifier: MIT
//
// Is the share the one that the ledger is of? The ledger is found by the share's id, and a copy has
// the same: taken for the share, it would be told that all its files are done, or gone.
#ifndef DM_WATCHER_SAME_SHARE_H
#define DM_WATCHER_SAME_SHARE_H

#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"

#include <glib.h>
#include <stdbool.h>

/**
 * Compare the marker with what the ledger remembers, and remember it. On a network file system,
 * where a file may have another number from day to day, the share at the same path is the same.
 *
 * @moved  an administrator says that it is: it was moved or restored.
 * Errors: DM_ERROR_CONFIG, which says what to do.
 */
bool dm_same_share(struct dm_ledger *ledger, const struct dm_share *share, bool moved,
                   GError **error);

#endif
