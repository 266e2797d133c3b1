// SPDX-License-Identifier: MIT
//
// The chroma of CIE LCh(ab) of sRGB (IEC 61966-2-1, white D65; CIE 15) scaled, lightness and hue
// kept; then each channel is limited to its range. Limiting the chroma instead, such that lightness
// and hue stay at the edge of sRGB too, was tried: a bright flower whose red is at its end already
// would stay as it is within surroundings that gain, which shows as a contour.
#ifndef DM_MPI_WORKER_KERNELS_CHROMA_H
#define DM_MPI_WORKER_KERNELS_CHROMA_H

#include "mpi_worker/kernels/cube.h"

/** Fill all DM_CUBE_POINTS, for samples up to @max, with their chroma times @scale (0 or more). */
void dm_chroma_fill(double scale, int max, uint64_t *points);

#endif
