// SPDX-License-Identifier: MIT
//
// median: cv2.medianBlur, border REPLICATE, alpha kept. 3 and 5 keep 16 bits, wider windows work
// with 8. Kernels: ../kernels/median.c, median_wide.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/median.h"
#include "mpi_worker/ops/op.h"

struct median {
    int kernel;
};

static const struct dm_param params_table[] = {
    {
        .name = "kernel",
        .type = DM_PARAM_INT,
        .forms = "N kN",
        .min = 3,
        .max = DM_MEDIAN_MAX_SIZE,
        .default_text = "5",
        .odd = true,
        .unit = "px",
        .doc = "side of the window",
        .offset = offsetof(struct median, kernel),
    },
};

static bool apply_small(VipsImage *in, int size, VipsImage **ret_out, GError **error) {
    dm_area_kernel *three = dm_image_wide(in) ? dm_median3_u16 : dm_median3_u8;
    dm_area_kernel *five = dm_image_wide(in) ? dm_median5_u16 : dm_median5_u8;
    struct dm_area_node node = {
        .radius = size / 2,
        .border = DM_BORDER_REPLICATE,
        .run = size == 3 ? three : five,
        .scratch = dm_median_scratch,
        .keep_alpha = true,
    };
    return dm_node_area(in, &node, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct median *p = params;
    if (p->kernel <= 5) {
        return apply_small(in, p->kernel, ret_out, error);
    }

    g_autoptr(VipsImage) reduced = NULL;
    if (!dm_node_reduce(in, "median", &reduced, error)) {
        return false;
    }
    int colours = dm_image_colours(in);
    struct dm_area_node node = {
        .radius = p->kernel / 2,
        .border = DM_BORDER_REPLICATE,
        .run = dm_median_wide_u8,
        .scratch = dm_median_wide_scratch,
        .params = &colours,
        .params_size = sizeof(colours),
        .keep_alpha = true,
    };
    return dm_node_area(reduced, &node, ret_out, error);
}

const struct dm_op dm_op_median = {
    .info =
        {
            .name = "median",
            .aliases =
                "median-filter median-blur denoise noise-removal noise-reduction remove-noise "
                "salt-and-pepper salt-and-pepper-noise",
            .summary = "Removes specks and salt-and-pepper noise",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "median-5",
        },
    .params_size = sizeof(struct median),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_MIRRORS,
    .samples = "median-3 median median-21",
    .apply = apply,
};
