// SPDX-License-Identifier: MIT
//
// Canny's edges (J. Canny, 1986) as cv2.Canny computes them: Sobel aperture 3, L1 magnitude, of a
// colour picture the channel with the largest magnitude at each pixel, OpenCV's fixed-point
// sectors. First the marks, streaming; then edges are followed through the whole picture. Border:
// REPLICATE with radius 2, made by the caller; beyond the picture the magnitude is 0.
#ifndef DM_MPI_WORKER_KERNELS_CANNY_H
#define DM_MPI_WORKER_KERNELS_CANNY_H

#include "mpi_worker/kernels/area.h"

#include <stdbool.h>
#include <stdint.h>

struct dm_canny {
    int low, high; // of the L1 magnitude
};

enum { DM_CANNY_NONE = 0, DM_CANNY_WEAK = 1, DM_CANNY_EDGE = 255 };

/** @params: struct dm_canny. Of 2 and 4 bands the last is alpha and passed over. Writes one mark
 * (one byte) a pixel. */
dm_area_kernel dm_canny_marks_u8;
dm_area_scratch dm_canny_scratch;

/**
 * Turn each weak mark that touches an edge into an edge, and the others into none, in place.
 * Returns false, the marks being spoilt, when memory runs out.
 */
bool dm_canny_connect(uint8_t *marks, int width, int height);

#endif
