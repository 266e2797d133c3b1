// SPDX-License-Identifier: MIT
//
// The blur goes to the output, where it is combined with the picture in place.
#include "mpi_worker/kernels/unsharp.h"

#include "mpi_worker/kernels/combine.h"

size_t dm_unsharp_scratch(const struct dm_area *area, const void *params) {
    const struct dm_unsharp *unsharp = params;
    return dm_gauss_scratch(area, &unsharp->gauss);
}

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/unsharp.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/unsharp.inc"
