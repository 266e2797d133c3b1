// SPDX-License-Identifier: MIT
//
// The node of a 3x3 filter: what sharpen, laplacian and emboss are.
#ifndef DM_MPI_WORKER_OPS_FILTER3_H
#define DM_MPI_WORKER_OPS_FILTER3_H

#include "mpi_worker/kernels/filter3.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Build it onto @in: border REFLECT_101, 8 and 16 bits, alpha kept. Errors: DM_ERROR_INPUT. */
bool dm_node_filter3(VipsImage *in, enum dm_filter3 filter, VipsImage **ret_out, GError **error);

#endif
