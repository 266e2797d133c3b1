// SPDX-License-Identifier: MIT
//
// Laying one row of pixels over another by the weight of each: Porter and Duff's "over".
#ifndef DM_MPI_WORKER_KERNELS_STAMP_H
#define DM_MPI_WORKER_KERNELS_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Lay @stamp over @width pixels of @bands samples. The stamp's pixels have as many colours as
 * these, as samples of the same width, and then a weight w, 65535 being all. Colours become (w *
 * stamp + (65535 - w) * colour) / 65535, rounded. With @alpha, the last band a, the result's alpha
 * is w + (1 - w) a, and the colours count by w and (1 - w) a.
 */
void dm_stamp_u8(const uint16_t *stamp, int width, int bands, bool alpha, uint8_t *pixels);
void dm_stamp_u16(const uint16_t *stamp, int width, int bands, bool alpha, uint16_t *pixels);

#endif
