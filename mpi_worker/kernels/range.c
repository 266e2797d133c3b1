// SPDX-License-Identifier: MIT
//
// Minimum and maximum for both sample types. See range.h.
#include "mpi_worker/kernels/range.h"

#include "mpi_worker/kernels/area.h"

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/range.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/range.inc"
