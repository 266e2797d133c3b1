// SPDX-License-Identifier: MIT
//
// open: erosion, then dilation: cv2.morphologyEx OPEN with cv2.getStructuringElement. 8 and 16
// bits, alpha kept. Kernel: ../kernels/morph.c.
#include "mpi_worker/kernels/morph.h"
#include "mpi_worker/ops/node.h"
#include "mpi_worker/ops/op.h"

struct opening {
    int kernel;
    int shape; // enum dm_element_shape
};

static const struct dm_param params_table[] = {
    {
        .name = "kernel",
        .type = DM_PARAM_INT,
        .forms = "N kN",
        .min = 1,
        .max = DM_ELEMENT_MAX_SIZE,
        .default_text = "3",
        .unit = "px",
        .doc = "side of the shape: what is smaller and bright goes",
        .offset = offsetof(struct opening, kernel),
    },
    {
        .name = "shape",
        .type = DM_PARAM_WORD,
        .forms = "square cross ellipse",
        .default_text = "square",
        .unit = "",
        .doc = "the shape",
        .offset = offsetof(struct opening, shape),
    },
};

static bool pass(VipsImage *in, const struct dm_element *element, enum dm_border border,
                 dm_area_kernel *run, VipsImage **ret_out, GError **error) {
    struct dm_area_node node = {
        .radius = element->size / 2,
        .border = border,
        .run = run,
        .scratch = dm_morph_scratch,
        .params = element,
        .params_size = sizeof *element,
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct opening *p = params;
    bool wide = dm_image_wide(in);
    g_autoptr(VipsImage) eroded = NULL;
    struct dm_element element;

    dm_element_init(&element, (enum dm_element_shape)p->shape, p->kernel);
    return pass(in, &element, DM_BORDER_HIGHEST, wide ? dm_erode_u16 : dm_erode_u8, &eroded,
                error) &&
           pass(eroded, &element, DM_BORDER_LOWEST, wide ? dm_dilate_u16 : dm_dilate_u8, ret_out,
                error);
}

const struct dm_op dm_op_open = {
    .info =
        {
            .name = "open",
            .aliases = "opening morphological-opening",
            .summary = "Removes small bright spots (morphological opening)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "gray_open-3",
        },
    .params_size = sizeof(struct opening),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE,
    .samples = "open open-15 open-6-ellipse",
    .apply = apply,
};
