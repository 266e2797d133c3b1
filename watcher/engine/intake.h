// SPDX-License-Identifier: MIT
//
// Results into the ledger: the row of a task that was answered moves on.
#ifndef DM_WATCHER_ENGINE_INTAKE_H
#define DM_WATCHER_ENGINE_INTAKE_H

#include "watcher/engine/crew.h"

/**
 * Report @result to the ledger. A row that is no longer RUNNING this attempt stays as it is, but
 * for a temporary that came late: it is noted as litter.
 */
void dm_intake(struct dm_crew_shared *shared, const struct dm_result *result);

#endif
