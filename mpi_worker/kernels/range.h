// SPDX-License-Identifier: MIT
//
// The smallest and largest colour sample: what `enhance` stretches.
#ifndef DM_MPI_WORKER_KERNELS_RANGE_H
#define DM_MPI_WORKER_KERNELS_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/** Begin with {65535, 0}. */
struct dm_range {
    uint16_t low, high;
};

/** Widen @range by @width pixels; with @alpha the last of the @bands bands does not count. */
void dm_range_u8(const uint8_t *row, int width, int bands, bool alpha, struct dm_range *range);
void dm_range_u16(const uint16_t *row, int width, int bands, bool alpha, struct dm_range *range);

#endif
