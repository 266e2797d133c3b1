// SPDX-License-Identifier: MIT
//
// What the log tells of work that goes well: how many files became what, once an hour at most, for
// a line a file would be 10,000 a day that nobody reads (log_level = "info" has them, and `dropmill
// history`). The first one comes when the first drop is done, so that who watches sees it.
//
//   said when   something has ended since the last line, that is an hour ago, and
//               nothing is under way, or has been for an hour without a line
#ifndef DM_WATCHER_WORK_LOG_H
#define DM_WATCHER_WORK_LOG_H

#include "watcher/ledger/ledger.h"
#include "watcher/metrics_counts.h"

#include <stdint.h>

struct dm_work_log;

/** Both are borrowed. */
struct dm_work_log *dm_work_log_new(struct dm_ledger *ledger,
                                    const struct dm_metrics_counts *counts);

/** Says what has not been said yet. Accepts NULL. */
void dm_work_log_free(struct dm_work_log *log);

/** Returns when (monotonic us) the next turn is wanted. */
int64_t dm_work_log_turn(struct dm_work_log *log, int64_t now_us);

#endif
