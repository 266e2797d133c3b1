// SPDX-License-Identifier: MIT
//
// 3x3 sharpening: soft [0 -1 0; -1 5 -1; 0 -1 0], strong all -1 with centre 9, as cv2.filter2D does
// with these kernels. Border: REFLECT_101, made by the caller; radius 1.
#ifndef DM_MPI_WORKER_KERNELS_SHARPEN_H
#define DM_MPI_WORKER_KERNELS_SHARPEN_H

#include "mpi_worker/kernels/area.h"

/** @params: a bool, true for strong. No scratch. */
dm_area_kernel dm_sharpen_u8, dm_sharpen_u16;

#endif
