// SPDX-License-Identifier: MIT
//
// Gaussian blur in fixed point, equal to cv2.GaussianBlur: taps of 8 fractional bits for 8-bit
// samples, of 16 for 16-bit ones. Border: REFLECT_101, made by the caller. The _alpha kernels weigh
// each pixel's colour with its alpha (the last band).
#ifndef DM_MPI_WORKER_KERNELS_GAUSS_H
#define DM_MPI_WORKER_KERNELS_GAUSS_H

#include "mpi_worker/kernels/area.h"

#include <stdbool.h>
#include <stdint.h>

#define DM_GAUSS_MAX_SIZE 803 // what sigma 100 asks for with 16 bits

/** Taps, symmetric, with the sum 2^8, or 2^16 for 16-bit samples. */
struct dm_gauss {
    int radius;
    uint32_t taps[DM_GAUSS_MAX_SIZE];
    int pair_count;                        // of taps beside the centre that are not 0,
    uint16_t pairs[DM_GAUSS_MAX_SIZE / 2]; // and the left one of each
};

/** The odd kernel size that goes with @sigma, and the sigma that goes with an odd @size. */
int dm_gauss_size(double sigma, bool wide);
double dm_gauss_sigma(int size);

/** Fill in taps for an odd @size from 1 to DM_GAUSS_MAX_SIZE; @sigma 0 or less: the size's own. */
void dm_gauss_init(struct dm_gauss *gauss, int size, double sigma, bool wide);

/** @params: struct dm_gauss, whose radius is the area's. */
dm_area_kernel dm_gauss_u8, dm_gauss_u16, dm_gauss_alpha_u8, dm_gauss_alpha_u16;
dm_area_scratch dm_gauss_scratch;

/** The one of these that a picture wants. */
dm_area_kernel *dm_gauss_kernel(bool wide, bool alpha);

#endif
