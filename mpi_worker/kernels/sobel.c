// SPDX-License-Identifier: MIT
//
// Sobel's magnitude for both sample types; the code is in sobel.inc. Squares are exact in REAL: up
// to 2^21 of 8-bit samples in float, 2^38 of 16-bit ones in double.
#include "mpi_worker/kernels/sobel.h"

#include <math.h>
#include <stdint.h>

#define PIXEL uint8_t
#define REAL float
#define ROOT sqrtf
#define LIMIT 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/sobel.inc"
#undef PIXEL
#undef REAL
#undef ROOT
#undef LIMIT
#undef NAME

#define PIXEL uint16_t
#define REAL double
#define ROOT sqrt
#define LIMIT 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/sobel.inc"
