// SPDX-License-Identifier: MIT
//
// The histogram of a picture in memory, for operations that look at all of it first.
#ifndef DM_MPI_WORKER_OPS_HISTOGRAM_H
#define DM_MPI_WORKER_OPS_HISTOGRAM_H

#include <stdint.h>
#include <vips/vips.h>

/**
 * Count the samples of all colour bands of @image, which lies in memory, together.
 * dm_image_max() + 1 bins; (transfer full, g_free).
 */
uint32_t *dm_image_histogram(VipsImage *image);

#endif
