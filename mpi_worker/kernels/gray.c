// SPDX-License-Identifier: MIT
//
// Luma and bit-depth reduction, one row at a time. See gray.h.
#include "mpi_worker/kernels/gray.h"

#include "mpi_worker/kernels/area.h"

DM_INLINE uint32_t luma(uint32_t red, uint32_t green, uint32_t blue) {
    return (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;
}

DM_CLONES void dm_gray_u8(const uint8_t *in, uint8_t *out, int width, int alpha) {
    if (!alpha) {
        for (int x = 0; x < width; x++) {
            out[x] = (uint8_t)luma(in[3 * x], in[3 * x + 1], in[3 * x + 2]);
        }
        return;
    }
    for (int x = 0; x < width; x++) {
        out[2 * x] = (uint8_t)luma(in[4 * x], in[4 * x + 1], in[4 * x + 2]);
        out[2 * x + 1] = in[4 * x + 3];
    }
}

DM_CLONES void dm_gray_u16(const uint16_t *in, uint16_t *out, int width, int alpha) {
    int step_in = alpha ? 4 : 3;
    int step_out = alpha ? 2 : 1;

    for (int x = 0; x < width; x++) {
        out[step_out * x] =
            (uint16_t)luma(in[step_in * x], in[step_in * x + 1], in[step_in * x + 2]);
        if (alpha) {
            out[2 * x + 1] = in[4 * x + 3];
        }
    }
}

DM_CLONES void dm_gray_to_rgb_u8(const uint8_t *in, uint8_t *out, int width, int alpha) {
    int step_in = alpha ? 2 : 1;
    int step_out = alpha ? 4 : 3;

    for (int x = 0; x < width; x++, in += step_in, out += step_out) {
        out[0] = out[1] = out[2] = in[0];
        if (alpha) {
            out[3] = in[1];
        }
    }
}

DM_CLONES void dm_gray_to_rgb_u16(const uint16_t *in, uint16_t *out, int width, int alpha) {
    int step_in = alpha ? 2 : 1;
    int step_out = alpha ? 4 : 3;

    for (int x = 0; x < width; x++, in += step_in, out += step_out) {
        out[0] = out[1] = out[2] = in[0];
        if (alpha) {
            out[3] = in[1];
        }
    }
}

DM_CLONES void dm_reduce_u16(const uint16_t *in, uint8_t *out, int samples) {
    for (int i = 0; i < samples; i++) {
        out[i] = (uint8_t)((in[i] + 128u) / 257u);
    }
}
