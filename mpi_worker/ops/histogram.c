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

uint32_t *dm_image_histogram(VipsImage *image) {
    uint32_t *bins = g_new0(uint32_t, (size_t)dm_image_max(image) + 1);
    for (int y = 0; y < image->Ysize; y++) {
        for (int band = 0; band < dm_image_colours(image); band++) {
            count_band(image, band, y, bins);
        }
    }
    return bins;
}
