// SPDX-License-Identifier: MIT
//
// Gaussian blur in 8.8 fixed point, equal to cv2.GaussianBlur on 8-bit pictures. Border:
// REFLECT_101, made by the caller. The _alpha kernels weigh each pixel's colour with its alpha (the
// last band).
#ifndef DM_MPI_WORKER_KERNELS_GAUSS_H
#define DM_MPI_WORKER_KERNELS_GAUSS_H

#include "mpi_worker/kernels/area.h"

#include <stdint.h>

#define DM_GAUSS_MAX_SIZE 603 // what sigma 100 asks for

/** Taps, symmetric, with the sum 256. */
struct dm_gauss {
    int radius;
    uint16_t taps[DM_GAUSS_MAX_SIZE];
};

/** The odd kernel size that goes with @sigma, and the sigma that goes with an odd @size. */
int dm_gauss_size(double sigma);
double dm_gauss_sigma(int size);

/** Fill in taps for an odd @size from 1 to DM_GAUSS_MAX_SIZE; @sigma 0 or less: the size's own. */
void dm_gauss_init(struct dm_gauss *gauss, int size, double sigma);

/** @params: struct dm_gauss, whose radius is the area's. */
dm_area_kernel dm_gauss_u8, dm_gauss_u16, dm_gauss_alpha_u8, dm_gauss_alpha_u16;
dm_area_scratch dm_gauss_scratch;

#endif
