// SPDX-License-Identifier: MIT
//
// Bilinear affine warp in the fixed point of cv2.warpAffine: coordinates in 1/32 px, weights in 15
// bits, black beyond the picture. The _alpha variant weighs colours with the last band, so that
// what lies beyond the picture is transparent and does not darken the edge.
#ifndef DM_MPI_WORKER_KERNELS_WARP_H
#define DM_MPI_WORKER_KERNELS_WARP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where an output pixel comes from: source x = m[0] x + m[1] y + m[2], source y = m[3] x + ... */
struct dm_warp {
    double m[6];
    const void *pixels; // the whole source
    size_t stride;      // bytes
    int width, height, bands;
    bool alpha;           // the last band
    const int *columns_x; // dm_warp_columns() of m[0] and m[3], one for each output column
    const int *columns_y;
};

/** The matrix of cv2.getRotationMatrix2D (scale 1, positive = counterclockwise). */
void dm_warp_rotation(double centre_x, double centre_y, double degrees, double ret_m[6]);

/** Turn source -> output into output -> source, as cv2.warpAffine does. */
void dm_warp_invert(double m[6]);

/** What @count output columns add to the source coordinate with factor @by. */
void dm_warp_columns(double by, int count, int *ret);

/** Make @width output pixels of row @y, from column @left on. */
void dm_warp_row_u8(const struct dm_warp *warp, int left, int y, int width, uint8_t *out);
void dm_warp_row_u16(const struct dm_warp *warp, int left, int y, int width, uint16_t *out);

#endif
