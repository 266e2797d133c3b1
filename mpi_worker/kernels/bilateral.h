// SPDX-License-Identifier: MIT
//
// Bilateral filter (C. Tomasi, R. Manduchi, 1998) as cv2.bilateralFilter defines it: the mean of a
// round window, each pixel weighed by its distance and by the sum of its colour differences, each
// through a Gaussian. At most one level from OpenCV. Border: REFLECT_101, made by the caller.
#ifndef DM_MPI_WORKER_KERNELS_BILATERAL_H
#define DM_MPI_WORKER_KERNELS_BILATERAL_H

#include "mpi_worker/kernels/area.h"

#include <stdbool.h>

#define DM_BILATERAL_MAX_SIZE 31

struct dm_bilateral {
    int radius;    // the area's
    int colours;   // 1 or 3
    bool alpha;    // weigh each pixel with its last band, which is left unset in the output
    float falloff; // weight = 2^(falloff * difference^2)
    int tap_count;
    struct dm_bilateral_tap {
        int dx, dy;
        float weight;
    } taps[DM_BILATERAL_MAX_SIZE * DM_BILATERAL_MAX_SIZE];
};

/** Fill in radius, falloff and taps. @size 1 to DM_BILATERAL_MAX_SIZE; sigmas in samples and px. */
void dm_bilateral_init(struct dm_bilateral *bilateral, int size, double sigma_colour,
                       double sigma_space);

/** @params: struct dm_bilateral. */
dm_area_kernel dm_bilateral_u8, dm_bilateral_u16;
dm_area_scratch dm_bilateral_scratch;

#endif
