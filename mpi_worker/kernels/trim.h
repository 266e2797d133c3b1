// SPDX-License-Identifier: MIT
//
// Telling a border from a picture: how many pixels of a row or column differ from a colour.
#ifndef DM_MPI_WORKER_KERNELS_TRIM_H
#define DM_MPI_WORKER_KERNELS_TRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is compared. */
struct dm_trim {
    int bands;
    bool alpha;         // the last band; colours are compared as they shine through it
    uint16_t colour[4]; // one pixel
    int tolerance;      // samples that differ by no more are the same
};

/**
 * Count the pixels that differ from the colour in at least one sample, of the @count pixels that
 * begin at @first and lie @stride samples apart.
 */
int dm_trim_differing_u8(const uint8_t *first, size_t stride, int count,
                         const struct dm_trim *trim);
int dm_trim_differing_u16(const uint16_t *first, size_t stride, int count,
                          const struct dm_trim *trim);

#endif
