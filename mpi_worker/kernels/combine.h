// SPDX-License-Identifier: MIT
//
// Two pictures made into one, sample by sample.
#ifndef DM_MPI_WORKER_KERNELS_COMBINE_H
#define DM_MPI_WORKER_KERNELS_COMBINE_H

#include <stddef.h>
#include <stdint.h>

/** out = a - b, 0 where b is larger: cv2.subtract. @out may be @a or @b. */
void dm_subtract_u8(const uint8_t *a, const uint8_t *b, size_t n, uint8_t *out);
void dm_subtract_u16(const uint16_t *a, const uint16_t *b, size_t n, uint16_t *out);

/**
 * out = a * alpha + b * beta, rounded half to even and limited: cv2.addWeighted, which computes in
 * float with one fused multiply-add. @out may be @a or @b.
 */
void dm_add_weighted_u8(const uint8_t *a, float alpha, const uint8_t *b, float beta, size_t n,
                        uint8_t *out);
void dm_add_weighted_u16(const uint16_t *a, float alpha, const uint16_t *b, float beta, size_t n,
                         uint16_t *out);

#endif
