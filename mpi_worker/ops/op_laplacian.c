// SPDX-License-Identifier: MIT
//
// laplacian: how much each sample differs from those around it:
// convertScaleAbs(cv2.Laplacian(CV_16S, ksize 3)), each band by itself; `gray_laplacian` is the
// usual picture. Border REFLECT_101. 8 and 16 bits, alpha kept. Kernel: ../kernels/filter3.c.
#include "mpi_worker/kernels/filter3.h"
#include "mpi_worker/ops/node.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    static const enum dm_filter3 filter = DM_FILTER3_LAPLACIAN;
    struct dm_area_node node = {
        .radius = 1,
        .border = DM_BORDER_REFLECT,
        .run = dm_image_wide(in) ? dm_filter3_u16 : dm_filter3_u8,
        .params = &filter,
        .params_size = sizeof filter,
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_laplacian = {
    .info =
        {
            .name = "laplacian",
            .aliases = "laplace laplacian-edges",
            .summary = "Shows fine detail and noise, white on black (Laplacian)",
            .flags = DM_OP_KEEPS_SIZE,
            .group = "detail",
            .example = "gray_laplacian",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .apply = apply,
};
