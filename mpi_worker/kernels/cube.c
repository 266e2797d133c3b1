// SPDX-License-Identifier: MIT
//
// Interpolation for both sample types; the loop is in cube.inc. The corner of a cell, the far
// corner, and two on the way, along the axes in the order of how far the colour lies along them:
// sorted by comparisons that need no branch, and mixed two channels to a word.
#include "mpi_worker/kernels/cube.h"

#include "mpi_worker/kernels/area.h"

/** How far along an axis in the upper half, how far apart its neighbours are in the lower. */
DM_INLINE uint32_t axis(uint32_t v, uint32_t stride) {
    return (v & (DM_CUBE_STEP - 1)) << 16 | stride;
}

DM_INLINE uint32_t lesser(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

DM_INLINE uint32_t greater(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

#define PIXEL uint8_t
#define MOST 255
#define SCALE 256
#define NAME(x) x##_u8
#include "mpi_worker/kernels/cube.inc"
#undef PIXEL
#undef MOST
#undef SCALE
#undef NAME

#define PIXEL uint16_t
#define MOST 65535
#define SCALE 1
#define NAME(x) x##_u16
#include "mpi_worker/kernels/cube.inc"
