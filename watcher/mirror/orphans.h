// SPDX-License-Identifier: MIT
//
// Orphans: uploads in parts that were begun and lost, because a kill came between the answer and
// the commit, or an answer was lost. Nobody sees them, and they cost money. At the start and hourly
// those are aborted that are ours (below our prefix, of a name that we send), that the ledger does
// not know, and that are older than a day.
#ifndef DM_WATCHER_MIRROR_ORPHANS_H
#define DM_WATCHER_MIRROR_ORPHANS_H

#include "watcher/mirror/work.h"

#define DM_ORPHAN_AGE_US (INT64_C(24) * 3600 * 1000000)

struct dm_orphans *dm_orphans_new(struct dm_mirror *mirror);
void dm_orphans_free(struct dm_orphans *orphans);

/** Begin to look when that is due. Returns when (monotonic us) it is next. */
int64_t dm_orphans_turn(struct dm_orphans *orphans, int64_t now_us);

/** Say whether @entry of a listing is one, at @utc_us. */
bool dm_orphans_is_one(struct dm_mirror *mirror, const struct dm_store_entry *entry,
                       int64_t utc_us);

#endif
