// SPDX-License-Identifier: MIT
//
// stretch: to exactly the width and height that are said; the aspect goes. May enlarge. Lanczos3,
// with alpha premultiplied.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct stretch {
    struct dm_size size;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_SIZE,
        .forms = "WxH",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .required = true,
        .unit = "px",
        .doc = "the new size",
        .offset = offsetof(struct stretch, size),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    (void)from;
    const struct stretch *p = params;
    return dm_extent_box(&p->size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_resample_to(in, extent(params, dm_extent_of(in)), ret_out, error);
}

const struct dm_op dm_op_stretch = {
    .info =
        {
            .name = "stretch",
            .aliases = "distort squeeze",
            .summary = "Makes the picture exactly so large, distorting it",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES | DM_OP_BOXES,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "stretch-800x600",
        },
    .params_size = sizeof(struct stretch),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "stretch-50x20 stretch-9x200",
    .apply = apply,
    .extent = extent,
};
