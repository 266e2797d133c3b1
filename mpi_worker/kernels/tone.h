// SPDX-License-Identifier: MIT
//
// From HDR (PQ, SMPTE ST 2084, and HLG, both in ITU-R BT.2100) to sRGB. White as books are printed
// on it, 203 cd/m2 (BT.2408), and all below its shoulder stay; what is brighter is pressed into
// what is left, by the brightest of the three colours, so that hues stay.
#ifndef DM_MPI_WORKER_KERNELS_TONE_H
#define DM_MPI_WORKER_KERNELS_TONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DM_TONE_ENTRIES = 65536 };

struct dm_tone {
    // HLG, else PQ.
    bool hlg;
    // From the picture's light to sRGB's, row by row.
    float matrix[9];
    // Of the picture's light: what of each colour is luminance.
    float luma[3];
    // From a sample of 16 bits to light; 1 is white.
    float light[DM_TONE_ENTRIES];
    // From light, 0 to 1, to a sample of sRGB.
    uint16_t sample[DM_TONE_ENTRIES];
};

/** Fill the tables; @hlg and @matrix are given. */
void dm_tone_init(struct dm_tone *tone);

/** @count pixels of @colours (1 or 3) and perhaps an alpha band, which is copied. */
void dm_tone_row(const struct dm_tone *tone, const uint16_t *from, uint16_t *to, size_t count,
                 int colours, bool alpha);

#endif
