// SPDX-License-Identifier: MIT
//
// Darkening towards the corners. With t the square of a pixel's distance from the true centre,
// (width - 1) / 2, (height - 1) / 2, over that of a corner, its samples keep 1 - strength t^2 (3 -
// 2t) of their value: all in the centre, level there and at the corners, equal at equal distance.
#ifndef DM_MPI_WORKER_KERNELS_VIGNETTE_H
#define DM_MPI_WORKER_KERNELS_VIGNETTE_H

#include <stdint.h>

struct dm_vignette {
    int picture_width, picture_height;
    float strength; // what the corners lose, 0 to 1
};

/** What the @width pixels from (@left, @y) on keep, times 65536. */
void dm_vignette_gains(const struct dm_vignette *vignette, int left, int y, int width,
                       uint32_t *gains);

/** Multiply each pixel's @colours (1 or 3) samples by its gain, rounded; copy the other bands. */
void dm_vignette_u8(const uint8_t *in, uint8_t *out, int width, int bands, int colours,
                    const uint32_t *gains);
void dm_vignette_u16(const uint16_t *in, uint16_t *out, int width, int bands, int colours,
                     const uint32_t *gains);

#endif
