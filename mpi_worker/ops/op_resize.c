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

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct resize *p = params;
    return dm_extent_scaled(from, &p->size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_resample_to(in, extent(params, dm_extent_of(in)), ret_out, error);
}

const struct dm_op dm_op_resize = {
    .info =
        {
            .name = "resize",
            .aliases = "scale resizing",
            .summary = "Makes the picture smaller or larger",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "resize-1600",
        },
    .params_size = sizeof(struct resize),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "resize-50pct resize-90 resize-x7",
    .apply = apply,
    .extent = extent,
};
