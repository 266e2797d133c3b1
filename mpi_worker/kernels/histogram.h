// SPDX-License-Identifier: MIT
//
// Counting samples, and the tables that follow from the counts. A histogram has 256 or 65536 bins,
// as the samples have 8 or 16 bits.
#ifndef DM_MPI_WORKER_KERNELS_HISTOGRAM_H
#define DM_MPI_WORKER_KERNELS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/** Count in @count samples that lie @step apart. */
void dm_histogram_u8(const uint8_t *samples, size_t count, size_t step, uint32_t *bins);
void dm_histogram_u16(const uint16_t *samples, size_t count, size_t step, uint32_t *bins);

/**
 * The smallest value such that more than @share (0 to less than 0.5) of the @total samples are not
 * above it, and the largest such that as many are not below it.
 */
void dm_histogram_tails(const uint32_t *bins, int max, uint64_t total, double share, int *ret_low,
                        int *ret_high);

/**
 * The table that spreads the samples evenly: cv2.equalizeHist, in its arithmetic (float), for any
 * @max. A picture of one value keeps it.
 */
void dm_histogram_equalize(const uint32_t *bins, int max, uint64_t total, uint16_t *table);

#endif
