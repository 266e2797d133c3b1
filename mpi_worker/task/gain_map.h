// SPDX-License-Identifier: MIT
//
// HDR stays HDR: a JPEG's gain map goes where its picture went. It is a JPEG of its own, smaller,
// and follows by the matrix that the picture carried through the steps: what is cut away, turned
// and made smaller there is so here.
#ifndef DM_MPI_WORKER_TASK_GAIN_MAP_H
#define DM_MPI_WORKER_TASK_GAIN_MAP_H

#include "mpi_worker/task/picture.h"

#include <glib.h>
#include <vips/vips.h>

/**
 * Make the gain map of @done, the finished picture. NULL: the source has none, the target holds
 * none, a step changed more than places, or it cannot be decoded. (transfer full)
 */
GByteArray *dm_gain_map_make(const struct dm_work *work, VipsImage *done);

#endif
