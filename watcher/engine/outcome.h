// SPDX-License-Identifier: MIT
//
// From a result line to a fact of the ledger. Pure.
#ifndef DM_WATCHER_ENGINE_OUTCOME_H
#define DM_WATCHER_ENGINE_OUTCOME_H

#include "common/wire.h"
#include "watcher/ledger/ledger.h"

#include <stdint.h>

/**
 * Write what @result says into @row (RUNNING) and say which fact that is.
 *
 * @retry_utc_us  when a file that the world refuses is tried again.
 */
enum dm_fact dm_outcome_apply(const struct dm_result *result, int64_t retry_utc_us,
                              struct dm_row *row);

#endif
