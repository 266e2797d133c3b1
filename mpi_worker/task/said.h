// SPDX-License-Identifier: MIT
//
// What a result says about itself: what the source said (meta/), made true by what the picture
// carried through the steps, as far as the target can hold it.
#ifndef DM_MPI_WORKER_TASK_SAID_H
#define DM_MPI_WORKER_TASK_SAID_H

#include "mpi_worker/meta/meta.h"
#include "mpi_worker/task/picture.h"

#include <vips/vips.h>

/** Make it for @image, whose pages are @page_height_px high. (transfer full) */
struct dm_meta *dm_said_make(const struct dm_work *work, VipsImage *image, int page_height_px);

/** Tell the user what has to be told of @meta. */
void dm_said_remark(struct dm_work *work, const struct dm_meta *meta);

#endif
