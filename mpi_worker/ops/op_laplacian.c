// SPDX-License-Identifier: MIT
//
// laplacian: how much each sample differs from those around it:
// convertScaleAbs(cv2.Laplacian(CV_16S, ksize 3)), each band by itself; `gray_laplacian` is the
// usual picture. Border REFLECT_101. 8 and 16 bits, alpha kept. Kernel: ../kernels/filter3.c.
#include "mpi_worker/ops/filter3.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    return dm_node_filter3(in, DM_FILTER3_LAPLACIAN, ret_out, error);
}

const struct dm_op dm_op_laplacian = {
    .info =
        {
            .name = "laplacian",
            .aliases = "laplace laplacian-edges",
            .summary = "Shows fine detail and noise, white on black (Laplacian)",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_FINE,
            .group = "detail",
            .example = "gray_laplacian",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .apply = apply,
};
