// SPDX-License-Identifier: MIT
//
// Averages of square blocks: what `pixelate` puts in their places. A block row is taken in row by
// row into sums of columns, then its averages are made. Rounded half up. Colours are weighed by
// their alpha; where all of a block is transparent, evenly.
#ifndef DM_MPI_WORKER_KERNELS_BLOCK_H
#define DM_MPI_WORKER_KERNELS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A grid of blocks over a picture, from its left edge on; the last one may be narrower. */
struct dm_blocks {
    int width; // of the picture
    int bands;
    bool alpha; // the last band
    int side;   // of a block, at most DM_BLOCK_MAX_PX
};

#define DM_BLOCK_MAX_PX 1000

/** How many sums (uint64_t) and how many averages (samples) a block row has. */
size_t dm_block_sums(const struct dm_blocks *blocks);
size_t dm_block_averages(const struct dm_blocks *blocks);

/** Add one row of pixels to @sums, which begin as zeros. */
void dm_block_add_u8(const struct dm_blocks *blocks, const uint8_t *row, uint64_t *sums);
void dm_block_add_u16(const struct dm_blocks *blocks, const uint16_t *row, uint64_t *sums);

/** Make the averages of @rows added rows, and zero the sums. */
void dm_block_average_u8(const struct dm_blocks *blocks, uint64_t *sums, int rows,
                         uint8_t *averages);
void dm_block_average_u16(const struct dm_blocks *blocks, uint64_t *sums, int rows,
                          uint16_t *averages);

/** Write the pixels of @width columns from @left on. */
void dm_block_fill_u8(const struct dm_blocks *blocks, const uint8_t *averages, int left, int width,
                      uint8_t *out);
void dm_block_fill_u16(const struct dm_blocks *blocks, const uint16_t *averages, int left,
                       int width, uint16_t *out);

#endif
