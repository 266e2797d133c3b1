// SPDX-License-Identifier: MIT
//
// Medians of 3x3 and 5x5 for both sample types; the code is in median.inc. Wider ones:
// median_wide.c.
#include "mpi_worker/kernels/median.h"

#include <stdint.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

size_t dm_median_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return 5 * dm_area_row_samples(area) * sizeof(uint16_t);
}

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/median.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/median.inc"
