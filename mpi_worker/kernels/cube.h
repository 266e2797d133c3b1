// SPDX-License-Identifier: MIT
//
// A function of colour as a table: 33 x 33 x 33 colours on a grid, and between them tetrahedral
// interpolation (J. M. Kasson et al., "Performing color space conversions with three-dimensional
// linear interpolation", Journal of Electronic Imaging 4(3), 1995). Along a line of grays it reads
// grays of the grid alone, so that a function which keeps grays keeps every one of them.
#ifndef DM_MPI_WORKER_KERNELS_CUBE_H
#define DM_MPI_WORKER_KERNELS_CUBE_H

#include <stdint.h>

enum {
    DM_CUBE_SIDE = 33,
    DM_CUBE_STEP = 2048, // between grid points; 16-bit samples as they are, 8-bit ones times 256
    DM_CUBE_POINTS = DM_CUBE_SIDE * DM_CUBE_SIDE * DM_CUBE_SIDE,
};

/**
 * A colour in the grid's units, which may lie beyond the range, between -65536 and 2 * 65536: only
 * what was interpolated is limited. One word, 21 bits for each of red, green and blue, from the
 * top, each with an offset of 65536: so small that a cube stays in the second cache, and 8-bit
 * samples, whose weights sum to 8, are mixed three channels at a time.
 */
static inline uint64_t dm_cube_point(int64_t red, int64_t green, int64_t blue) {
    const int64_t offset = 65536;
    return (uint64_t)(red + offset) << 42 | (uint64_t)(green + offset) << 21 |
           (uint64_t)(blue + offset);
}

/** What is 1.0 in the grid's units, for samples up to @max. */
static inline double dm_cube_full(int max) {
    return max == 255 ? 255 * 256.0 : 65535.0;
}

/** Where the grid has the point @red, @green, @blue, each below DM_CUBE_SIDE. */
static inline int dm_cube_index(int red, int green, int blue) {
    return (red * DM_CUBE_SIDE + green) * DM_CUBE_SIDE + blue;
}

/** Look up @width pixels of 3 or 4 @bands; alpha is copied. */
void dm_cube_u8(const uint8_t *in, uint8_t *out, int width, int bands, const uint64_t *points);
void dm_cube_u16(const uint16_t *in, uint16_t *out, int width, int bands, const uint64_t *points);

#endif
