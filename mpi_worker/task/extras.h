// SPDX-License-Identifier: MIT
//
// Extra samples of a TIFF (a mask, a depth, an ink: nobody but its writer knows), which go the way
// of the picture where that only moves pixels about.
#ifndef DM_MPI_WORKER_TASK_EXTRAS_H
#define DM_MPI_WORKER_TASK_EXTRAS_H

#include "mpi_worker/task/apply.h"
#include "mpi_worker/task/plan.h"

#include <stdbool.h>
#include <vips/vips.h>

/** Whether @page has extra samples, and all steps of @plan make of each what they should. */
bool dm_extras_can_go(const struct dm_plan *plan, VipsImage *page);

/** The colours and the alpha of @memory alone; (transfer full). NULL: libvips refused. */
VipsImage *dm_extras_without(VipsImage *memory);

/**
 * Put the extra samples of @memory through the steps and behind the bands of @done, which these
 * made of the rest. *@ret_out is a new reference. False: libvips or a step refused.
 */
bool dm_extras_join(const struct dm_plan *plan, const struct dm_apply *how, VipsImage *memory,
                    VipsImage *done, VipsImage **ret_out);

#endif
