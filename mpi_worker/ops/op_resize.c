// SPDX-License-Identifier: MIT
//
// resize: to a width, a height, into a box, or by a percentage; the aspect stays. May enlarge.
// Lanczos3, with alpha premultiplied.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct resize {
    struct dm_size size;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_SIZE,
        .forms = "WxH Wx xH W Npct",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .required = true,
        .unit = "px",
        .doc = "width, height, a box to fit into, or a percentage",
        .offset = offsetof(struct resize, size),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct resize *p = params;
    return dm_resample(in, dm_extent_scaled(dm_extent_of(in), &p->size), ret_out, error);
}

static double shrink(const void *params, int width, int height) {
    const struct resize *p = params;
    struct dm_extent from = {width, height};
    return dm_extent_shrink(from, dm_extent_scaled(from, &p->size));
}

const struct dm_op dm_op_resize = {
    .info =
        {
            .name = "resize",
            .aliases = "scale resizing",
            .summary = "Makes the picture smaller or larger",
            .flags = DM_OP_GEOMETRY,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "resize-1600",
        },
    .params_size = sizeof(struct resize),
    .promises = DM_PROMISE_KEEPS_FLAT,
    .samples = "resize-50pct resize-90 resize-x7",
    .apply = apply,
    .shrink = shrink,
};
