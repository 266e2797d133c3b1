// SPDX-License-Identifier: MIT
//
// Vignettes for both sample types. See vignette.h.
#include "mpi_worker/kernels/vignette.h"

#include "mpi_worker/kernels/area.h"

DM_CLONES void dm_vignette_gains(const struct dm_vignette *vignette, int left, int y, int width,
                                 uint32_t *gains) {
    float right = (float)(vignette->picture_width - 1);
    float bottom = (float)(vignette->picture_height - 1);
    float corner = right * right + bottom * bottom;
    float scale = corner > 0 ? 1 / corner : 0;
    float down = 2 * (float)y - bottom;
    float strength = vignette->strength;

    for (int x = 0; x < width; x++) {
        float across = (float)(2 * (left + x)) - right;
        float t = (across * across + down * down) * scale;
        gains[x] = (uint32_t)(int)((1 - strength * t * t * (3 - 2 * t)) * 65536 + 0.5f);
    }
}

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/vignette.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/vignette.inc"
