// SPDX-License-Identifier: MIT
//
// One table for every colour sample: what point operations come down to.
#ifndef DM_MPI_WORKER_KERNELS_TABLE_H
#define DM_MPI_WORKER_KERNELS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/** Look up each sample of @width pixels; with @alpha the last of the @bands bands is copied. */
void dm_table_u8(const uint8_t *in, uint8_t *out, int width, int bands, bool alpha,
                 const uint16_t *table);
void dm_table_u16(const uint16_t *in, uint16_t *out, int width, int bands, bool alpha,
                  const uint16_t *table);

/** The same with a table for each of three colours, one behind the other. */
void dm_table_rgb_u8(const uint8_t *in, uint8_t *out, int width, int bands, const uint16_t *tables);
void dm_table_rgb_u16(const uint16_t *in, uint16_t *out, int width, int bands,
                      const uint16_t *tables);

/** The entry for what should be @exact: rounded half to even, limited to 0..@max. */
uint16_t dm_table_entry(double exact, int max);

/**
 * Fill @table[0..max] with |v * alpha + beta|, rounded half to even and limited to @max. With @max
 * 255 this is cv2.convertScaleAbs, which computes in float with a fused multiply-add.
 */
void dm_table_scale(uint16_t *table, int max, double alpha, double beta);

#endif
