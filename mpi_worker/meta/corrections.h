// SPDX-License-Identifier: MIT
//
// What steps made untrue is made true again, or removed: one table in corrections.c. No operation
// is named there: where things have got to is told by a matrix (place.h), which the picture carried
// through all steps.
#ifndef DM_MPI_WORKER_META_CORRECTIONS_H
#define DM_MPI_WORKER_META_CORRECTIONS_H

#include "mpi_worker/meta/facts.h"
#include "mpi_worker/meta/meta.h"

/** Make @meta true for a result of which @facts tell. */
void dm_meta_correct(struct dm_meta *meta, const struct dm_meta_facts *facts);

#endif
