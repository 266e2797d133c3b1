// SPDX-License-Identifier: MIT
//
// box: cv2.blur, the mean of a square, border REFLECT_101. 8 and 16 bits; with alpha, colours are
// weighed by it. Kernel: ../kernels/box.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/box.h"
#include "mpi_worker/ops/op.h"

struct box {
    int kernel;
};

static const struct dm_param params_table[] = {
    {
        .name = "kernel",
        .type = DM_PARAM_INT,
        .forms = "N kN",
        .min = 1,
        .max = DM_BOX_MAX_SIZE,
        .default_text = "5",
        .unit = "px",
        .doc = "side of the square",
        .offset = offsetof(struct box, kernel),
    },
};

static dm_area_kernel *kernel_for(const VipsImage *in) {
    if (dm_image_alpha(in)) {
        return dm_image_wide(in) ? dm_box_alpha_u16 : dm_box_alpha_u8;
    }
    return dm_image_wide(in) ? dm_box_u16 : dm_box_u8;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct box *p = params;
    struct dm_area_node node = {
        .radius = p->kernel / 2,
        .border = DM_BORDER_REFLECT,
        .run = kernel_for(in),
        .scratch = dm_box_scratch,
        .params = &p->kernel,
        .params_size = sizeof(p->kernel),
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_box = {
    .info =
        {
            .name = "box",
            .aliases = "box-blur box-filter mean mean-filter average",
            .summary = "Blurs by the mean of a square",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "box-5",
        },
    .params_size = sizeof(struct box),
    .promises = DM_PROMISE_KEEPS_FLAT,
    .samples = "box box-4 box-31",
    .apply = apply,
};
