// SPDX-License-Identifier: MIT
//
// See histogram.h. Kernel: ../kernels/histogram.c.
#include "mpi_worker/ops/histogram.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/histogram.h"

static void count_band(VipsImage *image, int band, int y, uint32_t *bins) {
    size_t width = (size_t)image->Xsize;
    size_t bands = (size_t)image->Bands;
    if (dm_image_wide(image)) {
        dm_histogram_u16((uint16_t *)dm_image_row(image, y) + band, width, bands, bins);
    } else {
        dm_histogram_u8((uint8_t *)dm_image_row(image, y) + band, width, bands, bins);
    }
}

struct dm_counts *dm_counts_new(const VipsImage *image) {
    size_t bins = (size_t)dm_image_max(image) + 1;
    return g_malloc0(sizeof(struct dm_counts) + bins * sizeof(uint32_t));
}

struct dm_counts *dm_image_count(VipsImage *image, struct dm_counts *counts) {
    counts = counts != NULL ? counts : dm_counts_new(image);
    for (int y = 0; y < image->Ysize; y++) {
        for (int band = 0; band < dm_image_colours(image); band++) {
            count_band(image, band, y, counts->bins);
        }
    }
    counts->total +=
        (uint64_t)image->Xsize * (uint64_t)image->Ysize * (uint64_t)dm_image_colours(image);
    return counts;
}
