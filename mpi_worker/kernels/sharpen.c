// SPDX-License-Identifier: MIT
//
// Sharpening for both sample types; the code is in sharpen.inc.
#include "mpi_worker/kernels/sharpen.h"

#include <stdbool.h>
#include <stdint.h>

#define PIXEL uint8_t
#define SUM int16_t
#define LIMIT 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/sharpen.inc"
#undef PIXEL
#undef SUM
#undef LIMIT
#undef NAME

#define PIXEL uint16_t
#define SUM int32_t
#define LIMIT 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/sharpen.inc"
