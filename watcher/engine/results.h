// SPDX-License-Identifier: MIT
//
// Results into the ledger: the row of a task that was answered moves on.
#ifndef DM_WATCHER_ENGINE_RESULTS_H
#define DM_WATCHER_ENGINE_RESULTS_H

#include "watcher/engine/now.h"
#include "watcher/engine/shared.h"

/**
 * Report @result to the ledger. A row that is no longer RUNNING this attempt stays as it is, but
 * for a temporary that came late: it is noted as stale.
 */
void dm_results_take(struct dm_runner_shared *shared, const struct dm_result *result,
                     struct dm_now now);

#endif
