// SPDX-License-Identifier: MIT
//
// Colours of a row of RGB pixels (3 bands, or 4 with alpha, which is copied): through a matrix, or
// drawn towards a colour that depends on the pixel's luma. In the encoded values, as CSS filters
// and most image editors do.
#ifndef DM_MPI_WORKER_KERNELS_COLOUR_H
#define DM_MPI_WORKER_KERNELS_COLOUR_H

#include <stdint.h>

/** Rows red, green, blue of the result; columns red, green, blue of the source; times 2^14. */
struct dm_matrix {
    int32_t weights[3][3];
};

/** @weights, of which no row may come to more than 7, by @share, 0 to 1; the rest is the pixel. */
struct dm_matrix dm_matrix_of(const double weights[3][3], double share);

void dm_matrix_u8(const uint8_t *in, uint8_t *out, int width, int bands,
                  const struct dm_matrix *matrix);
void dm_matrix_u16(const uint16_t *in, uint16_t *out, int width, int bands,
                   const struct dm_matrix *matrix);

/** A colour for each luma, from 0 to 255 or 65535, in the order red, green, blue. */
struct dm_ramp {
    int strength;            // how much of it is mixed in: 0 to 2^14
    const uint16_t *colours; // 3 * 256 or 3 * 65536
};

/** Mix each pixel with the ramp's colour for its BT.601 luma (gray.h). */
void dm_ramp_u8(const uint8_t *in, uint8_t *out, int width, int bands, const struct dm_ramp *ramp);
void dm_ramp_u16(const uint16_t *in, uint16_t *out, int width, int bands,
                 const struct dm_ramp *ramp);

#endif
