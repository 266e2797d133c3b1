// SPDX-License-Identifier: MIT
//
// The plans of a rank: a chain is parsed once, not once an image.
#ifndef DM_MPI_WORKER_TASK_PLAN_CACHE_H
#define DM_MPI_WORKER_TASK_PLAN_CACHE_H

#include "mpi_worker/task/plan.h"

#include <glib.h>

#define DM_PLAN_CACHE_MAX 64

struct dm_plan_cache;

/** Begin with none. @catalogue is borrowed. */
struct dm_plan_cache *dm_plan_cache_new(const struct dm_catalogue *catalogue);
void dm_plan_cache_free(struct dm_plan_cache *cache);

/**
 * Get the plan of @chain, for dm_plan_cache_give_back(). Errors: DM_ERROR_INPUT. Threads: any.
 */
const struct dm_plan *dm_plan_cache_get(struct dm_plan_cache *cache, const char *chain,
                                        GError **error);

/** Free @plan if it found no place among the kept ones. Accepts NULL. */
void dm_plan_cache_give_back(struct dm_plan_cache *cache, const struct dm_plan *plan);

#endif
