// SPDX-License-Identifier: MIT
//
// sobel: convertScaleAbs(cv2.magnitude(dx, dy)) of cv2.Sobel's two derivatives, ksize 3, each band
// by itself; `gray_sobel` is the usual picture. Border REFLECT_101. 8 and 16 bits, alpha kept.
// Kernel:
// ../kernels/sobel.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/sobel.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    struct dm_area_node node = {
        .radius = 1,
        .border = DM_BORDER_REFLECT,
        .run = dm_image_wide(in) ? dm_sobel_u16 : dm_sobel_u8,
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_sobel = {
    .info =
        {
            .name = "sobel",
            .aliases = "sobel-edges sobel-filter gradient-magnitude",
            .summary = "Shows how steep the picture is, white on black (Sobel)",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_FINE,
            .group = "detail",
            .example = "gray_sobel",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .apply = apply,
};
