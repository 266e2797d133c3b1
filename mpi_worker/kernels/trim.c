// SPDX-License-Identifier: MIT
//
// Comparison with one colour for both sample types. See trim.h.
#include "mpi_worker/kernels/trim.h"

#include <stdlib.h>

#define PIXEL uint8_t
#define MAX_SAMPLE 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/trim.inc"
#undef PIXEL
#undef MAX_SAMPLE
#undef NAME

#define PIXEL uint16_t
#define MAX_SAMPLE 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/trim.inc"
