// SPDX-License-Identifier: MIT
//
// BT.601 luma in 15-bit integers: (9798 R + 19235 G + 3735 B + 16384) >> 15, which is cv2.cvtColor
// BGR2GRAY; the way back to three bands; and the reduction of 16-bit samples to 8.
#ifndef DM_MPI_WORKER_KERNELS_GRAY_H
#define DM_MPI_WORKER_KERNELS_GRAY_H

#include <stdint.h>

/** Turn @width RGB pixels into luma; with @alpha both sides have one band more, which is copied. */
void dm_gray_u8(const uint8_t *in, uint8_t *out, int width, int alpha);
void dm_gray_u16(const uint16_t *in, uint16_t *out, int width, int alpha);

/** Turn @width gray pixels into RGB; with @alpha both sides have one band more, which is copied. */
void dm_gray_to_rgb_u8(const uint8_t *in, uint8_t *out, int width, int alpha);
void dm_gray_to_rgb_u16(const uint16_t *in, uint16_t *out, int width, int alpha);

/** v / 257, rounded: the inverse of v * 257. */
void dm_reduce_u16(const uint16_t *in, uint8_t *out, int samples);

#endif
