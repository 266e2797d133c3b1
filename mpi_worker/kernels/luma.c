// SPDX-License-Identifier: MIT
//
// Luma for both sample types; the code is in luma.inc. All sums fit 32 bits for 16-bit samples too.
#include "mpi_worker/kernels/luma.h"

#include "mpi_worker/kernels/area.h"

#define SHIFT 14

DM_INLINE int descale(int v) {
    return (v + (1 << (SHIFT - 1))) >> SHIFT;
}

DM_INLINE int luma_of(int red, int green, int blue) {
    return descale(red * 4899 + green * 9617 + blue * 1868);
}

#define PIXEL uint8_t
#define MOST 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/luma.inc"
#undef PIXEL
#undef MOST
#undef NAME

#define PIXEL uint16_t
#define MOST 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/luma.inc"
