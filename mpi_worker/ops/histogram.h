// SPDX-License-Identifier: MIT
//
// The histogram of a picture in memory, for operations that look at all of it first.
#ifndef DM_MPI_WORKER_OPS_HISTOGRAM_H
#define DM_MPI_WORKER_OPS_HISTOGRAM_H

#include <stdint.h>
#include <vips/vips.h>

/** How often each value was seen. */
struct dm_counts {
    uint64_t total;
    // dm_image_max() + 1.
    uint32_t bins[];
};

/** Counts (transfer full, g_free) that are all 0, for pictures like @image. */
struct dm_counts *dm_counts_new(const VipsImage *image);

/**
 * Count the samples of all colour bands of @image, which lies in memory, together, into @counts
 * (NULL: new ones), which are returned.
 */
struct dm_counts *dm_image_count(VipsImage *image, struct dm_counts *counts);

#endif
