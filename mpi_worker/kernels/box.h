// SPDX-License-Identifier: MIT
//
// The mean of a square window, as cv2.blur rounds it: windows of up to 256 samples of 8 bits by
// OpenCV's multiplication and shift, others by a product with 1 / area in float, half to even (in
// double where 16-bit sums do not fit 31 bits). Even sizes reach one pixel further up and left.
// Constant time a pixel. Border: REFLECT_101, made by the caller. The _alpha kernels weigh each
// pixel's colour with its alpha (the last band).
#ifndef DM_MPI_WORKER_KERNELS_BOX_H
#define DM_MPI_WORKER_KERNELS_BOX_H

#include "mpi_worker/kernels/area.h"

#define DM_BOX_MAX_SIZE 255

/** @params: an int, the window's side, 1 to DM_BOX_MAX_SIZE; the area's radius is half of it. */
dm_area_kernel dm_box_u8, dm_box_u16, dm_box_alpha_u8, dm_box_alpha_u16;
dm_area_scratch dm_box_scratch;

#endif
