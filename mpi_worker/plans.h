// SPDX-License-Identifier: MIT
//
// The plans of a rank: a chain is parsed once, not once an image.
#ifndef DM_MPI_WORKER_PLANS_H
#define DM_MPI_WORKER_PLANS_H

#include "mpi_worker/plan.h"

#include <glib.h>

#define DM_PLANS_MAX 64

struct dm_plans;

/** Begin with none. @catalogue is borrowed. */
struct dm_plans *dm_plans_new(const struct dm_catalogue *catalogue);
void dm_plans_free(struct dm_plans *plans);

/**
 * Get the plan of @chain, for dm_plans_give_back(). Errors: DM_ERROR_INPUT. Threads: any.
 */
const struct dm_plan *dm_plans_get(struct dm_plans *plans, const char *chain, GError **error);

/** Free @plan if it found no place among the kept ones. Accepts NULL. */
void dm_plans_give_back(struct dm_plans *plans, const struct dm_plan *plan);

#endif
