// SPDX-License-Identifier: MIT
//
// "Over" for both sample types. See stamp.h.
#include "mpi_worker/kernels/stamp.h"

#include "mpi_worker/kernels/area.h"

enum { ALL = 65535 };

#define PIXEL uint8_t
#define MAX_SAMPLE 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/stamp.inc"
#undef PIXEL
#undef MAX_SAMPLE
#undef NAME

#define PIXEL uint16_t
#define MAX_SAMPLE 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/stamp.inc"
