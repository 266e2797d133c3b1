// SPDX-License-Identifier: MIT
//
// Deletions, with deletes = "mirror": a result that people removed from the outbox is removed from
// the store. A mistake here empties a bucket, so all of this must hold:
//
//   * the share has proved itself (share.h), and says ENOENT: nothing else counts, and while it is
//     offline nothing is concluded
//   * it said so twice, at least 15 minutes apart, and this process runs for as long
//   * this ledger has put the object there, its newest generation; none is pending
//   * the object is still the one that was put there, by its ETag
//   * a budget: it begins empty, and every hour adds 5 % of what is in the store, 100 at most
//
// Off, it looks at nothing.
#ifndef DM_WATCHER_MIRROR_DELETIONS_H
#define DM_WATCHER_MIRROR_DELETIONS_H

#include "watcher/mirror/work.h"

#define DM_DELETION_APART_US (INT64_C(15) * 60 * 1000000)

struct dm_deletions *dm_deletions_new(struct dm_mirror *mirror);
void dm_deletions_free(struct dm_deletions *deletions);

/** Look at some results when that is due. Returns when (monotonic us) it is next. */
int64_t dm_deletions_turn(struct dm_deletions *deletions, int64_t now_us, int64_t utc_us);

/** How many may be deleted @elapsed_us after @before of them might be, with @synced objects. Pure.
 */
double dm_deletions_budget(double before, int64_t elapsed_us, int64_t synced);

#endif
