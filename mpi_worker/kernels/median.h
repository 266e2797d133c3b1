// SPDX-License-Identifier: MIT
//
// Median over a square window, equal to cv2.medianBlur. Border: REPLICATE, made by the caller.
//
//   3, 5     networks of minima and maxima, the same for all samples: the compiler vectorises them
//   7 ...    histograms of columns: constant time a pixel (S. Perreault, P. Hebert,
//            "Median filtering in constant time", 2007)
#ifndef DM_MPI_WORKER_KERNELS_MEDIAN_H
#define DM_MPI_WORKER_KERNELS_MEDIAN_H

#include "mpi_worker/kernels/area.h"

#define DM_MEDIAN_MAX_SIZE 255

/** @params: none, every band is filtered. The area's radius is 1 or 2. */
dm_area_kernel dm_median3_u8, dm_median3_u16, dm_median5_u8, dm_median5_u16;
dm_area_scratch dm_median_scratch;

/** @params: an int, how many bands to filter; the others are left unset. Radius 1 to 127. */
dm_area_kernel dm_median_wide_u8;
dm_area_scratch dm_median_wide_scratch;

#endif
