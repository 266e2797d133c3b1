// SPDX-License-Identifier: MIT
//
// Unsharp masking: what a Gaussian blur takes away is added once more. Border: REFLECT_101, made by
// the caller.
#ifndef DM_MPI_WORKER_KERNELS_UNSHARP_H
#define DM_MPI_WORKER_KERNELS_UNSHARP_H

#include "mpi_worker/kernels/gauss.h"

struct dm_unsharp {
    struct dm_gauss gauss;
    dm_area_kernel *blur; // dm_gauss_kernel(); it takes what gauss holds
    float amount;         // 1: the difference once
    float keep;           // 1 + amount, rounded once
};

/** @params: struct dm_unsharp, whose gauss.radius is the area's. */
dm_area_kernel dm_unsharp_u8, dm_unsharp_u16;
dm_area_scratch dm_unsharp_scratch;

#endif
