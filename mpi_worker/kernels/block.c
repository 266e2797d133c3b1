// SPDX-License-Identifier: MIT
//
// Blocks for both sample types. See block.h.
#include "mpi_worker/kernels/block.h"

#include "mpi_worker/kernels/area.h"

#include <string.h>

// With alpha: first the columns of alpha and weighed colours, behind them those of the colours as
// they are.
static size_t row_samples(const struct dm_blocks *blocks) {
    return (size_t)blocks->width * (size_t)blocks->bands;
}

size_t dm_block_sums(const struct dm_blocks *blocks) {
    return row_samples(blocks) * (blocks->alpha ? 2 : 1);
}

size_t dm_block_averages(const struct dm_blocks *blocks) {
    return (size_t)((blocks->width + blocks->side - 1) / blocks->side) * (size_t)blocks->bands;
}

/** Sum up one band of @count columns. */
static uint64_t sum_of(const uint64_t *columns, int count, int bands) {
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        sum += columns[i * bands];
    }
    return sum;
}

static uint64_t divide(uint64_t sum, uint64_t by) {
    return (sum + by / 2) / by;
}

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/block.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/block.inc"
