// SPDX-License-Identifier: MIT
//
// The Y of YCrCb and back, in the 14-bit integers of cv2.cvtColor BGR2YCrCb and YCrCb2BGR: for
// operations that change how light a pixel is and keep its colour. Luma is uint16_t whatever the
// picture's samples are; pixels have 3 colours (RGB) and perhaps alpha, which is copied.
#ifndef DM_MPI_WORKER_KERNELS_LUMA_H
#define DM_MPI_WORKER_KERNELS_LUMA_H

#include <stdint.h>

/** The luma of @width pixels of @bands (3 or 4). */
void dm_luma_u8(const uint8_t *in, int width, int bands, uint16_t *luma);
void dm_luma_u16(const uint16_t *in, int width, int bands, uint16_t *luma);

/** The pixels of @in with @luma in place of their own, limited to the samples' range. */
void dm_relight_u8(const uint8_t *in, const uint16_t *luma, int width, int bands, uint8_t *out);
void dm_relight_u16(const uint16_t *in, const uint16_t *luma, int width, int bands, uint16_t *out);

#endif
