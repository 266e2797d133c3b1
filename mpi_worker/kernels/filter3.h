// SPDX-License-Identifier: MIT
//
// Filters of 3x3 whole numbers, as cv2.filter2D computes them: the sum, limited to what a sample
// holds. Border: REFLECT_101, made by the caller; radius 1.
//
//   soft        strong        laplacian    emboss
//    0 -1  0    -1 -1 -1       2  0  2     -1 -1  0
//   -1  5 -1    -1  9 -1       0 -8  0     -1  0  1
//    0 -1  0    -1 -1 -1       2  0  2      0  1  1
//                              absolute     plus 128, or 128 * 257
#ifndef DM_MPI_WORKER_KERNELS_FILTER3_H
#define DM_MPI_WORKER_KERNELS_FILTER3_H

#include "mpi_worker/kernels/area.h"

enum dm_filter3 { DM_FILTER3_SOFT, DM_FILTER3_STRONG, DM_FILTER3_LAPLACIAN, DM_FILTER3_EMBOSS };

/** @params: an enum dm_filter3. No scratch. */
dm_area_kernel dm_filter3_u8, dm_filter3_u16;

#endif
