// SPDX-License-Identifier: MIT
//
// How steep each sample is: sqrt(dx^2 + dy^2) of the 3x3 Sobel derivatives (I. Sobel, G. Feldman,
// 1968), rounded and limited: cv2.magnitude of cv2.Sobel in float or double, then
// convertScaleAbs. The square root of a whole number is never halfway between two, so the rounding
// is not a matter of taste. Border: REFLECT_101, made by the caller; radius 1.
#ifndef DM_MPI_WORKER_KERNELS_SOBEL_H
#define DM_MPI_WORKER_KERNELS_SOBEL_H

#include "mpi_worker/kernels/area.h"

/** No params, no scratch: each band by itself. */
dm_area_kernel dm_sobel_u8, dm_sobel_u16;

#endif
