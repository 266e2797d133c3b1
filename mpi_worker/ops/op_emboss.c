// SPDX-License-Identifier: MIT
//
// emboss: the upright picture as a relief lit from the upper left, which is around mid-gray:
// cv2.filter2D with [-1 -1 0; -1 0 1; 0 1 1] and delta 128 (128 * 257). Border REFLECT_101. 8 and
// 16 bits, alpha kept. Kernel: ../kernels/filter3.c.
#include "mpi_worker/ops/filter3.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    return dm_node_filter3(in, DM_FILTER3_EMBOSS, ret_out, error);
}

const struct dm_op dm_op_emboss = {
    .info =
        {
            .name = "emboss",
            .aliases = "embossing relief",
            .summary = "Turns the picture into a relief; of a gray picture it is gray",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY | DM_OP_FINE,
            .group = "detail",
            .example = "gray_emboss",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA,
    .apply = apply,
};
