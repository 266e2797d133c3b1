// SPDX-License-Identifier: MIT
//
// bilateral: cv2.bilateralFilter, border REFLECT_101; at most one level from it. 8 bits as OpenCV,
// 16 bits with sigma-colour scaled by 257. Alpha is kept, and weighs the pixels: what cannot be
// seen adds no colour. Kernel: ../kernels/bilateral.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/bilateral.h"
#include "mpi_worker/ops/op.h"

struct bilateral {
    int size;
    double colour, space;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_INT,
        .forms = "N kN dN",
        .min = 3,
        .max = DM_BILATERAL_MAX_SIZE,
        .default_text = "9",
        .odd = true,
        .unit = "px",
        .doc = "diameter of the window",
        .offset = offsetof(struct bilateral, size),
    },
    {
        .name = "colour",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 1,
        .max = 1000,
        .default_text = "75",
        .unit = "",
        .doc = "sigma of the colour: larger contrasts are kept",
        .offset = offsetof(struct bilateral, colour),
    },
    {
        .name = "space",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0.5,
        .max = 1000,
        .default_text = "75",
        .unit = "px",
        .doc = "sigma of the distance",
        .offset = offsetof(struct bilateral, space),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct bilateral *p = params;
    bool wide = dm_image_wide(in);
    struct dm_bilateral bilateral = {.colours = dm_image_colours(in), .alpha = dm_image_alpha(in)};
    dm_bilateral_init(&bilateral, p->size, p->colour * (wide ? 257 : 1), p->space);
    struct dm_area_node node = {
        .radius = bilateral.radius,
        .border = DM_BORDER_REFLECT,
        .run = wide ? dm_bilateral_u16 : dm_bilateral_u8,
        .scratch = dm_bilateral_scratch,
        .params = &bilateral,
        .params_size = sizeof(bilateral),
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

const struct dm_op dm_op_bilateral = {
    .info =
        {
            .name = "bilateral",
            .aliases = "bilateral-filter smooth smoothing surface-blur",
            .summary = "Smooths surfaces and keeps their edges (bilateral filter)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "bilateral-9-75-75",
        },
    .params_size = sizeof(struct bilateral),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT,
    .samples = "bilateral bilateral-5-20-2",
    .apply = apply,
};
