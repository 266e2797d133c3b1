// SPDX-License-Identifier: MIT
//
// See combine.h; the loops are in combine.inc. The multiplication and addition are fused whatever
// the processor: one that cannot do it (before 2013) gets the same from the C library, slowly.
#include "mpi_worker/kernels/combine.h"

#include "mpi_worker/kernels/area.h"

#include <math.h>

#define PIXEL uint8_t
#define LIMIT 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/combine.inc"
#undef PIXEL
#undef LIMIT
#undef NAME

#define PIXEL uint16_t
#define LIMIT 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/combine.inc"
