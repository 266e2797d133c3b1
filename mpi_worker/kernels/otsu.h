// SPDX-License-Identifier: MIT
//
// Otsu's threshold (N. Otsu, "A threshold selection method from gray-level histograms", 1979) in
// the arithmetic order of cv2.threshold, so that ties fall the same way.
#ifndef DM_MPI_WORKER_KERNELS_OTSU_H
#define DM_MPI_WORKER_KERNELS_OTSU_H

#include <stdint.h>

/** The level t that best separates v <= t from v > t. @total: the sum of the histogram, above 0. */
int dm_otsu(const uint32_t histogram[256], uint64_t total);

#endif
