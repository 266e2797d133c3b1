// SPDX-License-Identifier: MIT
//
// unsharp: cv2.addWeighted(picture, 1 + amount, cv2.GaussianBlur(picture, sigma), -amount, 0),
// border REFLECT_101. 8 and 16 bits; alpha is kept, and colours are weighed by it in the blur.
// Kernel:
// ../kernels/unsharp.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/unsharp.h"
#include "mpi_worker/ops/op.h"

struct unsharp {
    double radius;
    double amount;
};

static const struct dm_param params_table[] = {
    {
        .name = "radius",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0.1,
        .max = 100,
        .default_text = "2",
        .unit = "px",
        .doc = "sigma of the blur: how coarse the detail is that gains",
        .offset = offsetof(struct unsharp, radius),
    },
    {
        .name = "amount",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 1,
        .max = 500,
        .default_text = "100",
        .unit = "%",
        .doc = "how much it gains",
        .offset = offsetof(struct unsharp, amount),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct unsharp *p = params;
    bool wide = dm_image_wide(in);
    struct dm_unsharp unsharp = {
        .blur = dm_gauss_kernel(wide, dm_image_alpha(in)),
        .amount = (float)(p->amount / 100),
        .keep = (float)(1 + p->amount / 100),
    };
    dm_gauss_init(&unsharp.gauss, dm_gauss_size(p->radius, wide), p->radius, wide);
    struct dm_area_node node = {
        .radius = unsharp.gauss.radius,
        .border = DM_BORDER_REFLECT,
        .run = wide ? dm_unsharp_u16 : dm_unsharp_u8,
        .scratch = dm_unsharp_scratch,
        .params = &unsharp,
        .params_size = sizeof(unsharp),
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_unsharp = {
    .info =
        {
            .name = "unsharp",
            .aliases = "unsharp-mask unsharp-masking usm",
            .summary = "Sharpens detail of a chosen size (unsharp mask)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "unsharp-2-80",
        },
    .params_size = sizeof(struct unsharp),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_MIRRORS,
    .samples = "unsharp unsharp-0.8-30 unsharp-10-150",
    .apply = apply,
};
