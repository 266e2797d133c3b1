// SPDX-License-Identifier: MIT
//
// enlarge: the longest side, the width or the height, into a box, or by a percentage; the aspect
// stays. Makes larger and smaller. Lanczos3, with alpha premultiplied.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct enlarge {
    struct dm_size size;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_SIZE,
        .forms = "WxH Wx xH W Npct",
        .min = DM_RESIZE_MIN_PX,
        .max = DM_SIDE_MAX_PX,
        .required = true,
        .unit = "px",
        .doc = "the longest side (1600), the width (1600x), the height (x900), a box to fit "
               "into (1600x1200), or a percentage",
        .offset = offsetof(struct enlarge, size),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct enlarge *p = params;
    return dm_extent_scaled(from, &p->size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_resample_to(in, extent(params, dm_extent_of(in)), ret_out, error);
}

const struct dm_op dm_op_enlarge = {
    .info =
        {
            .name = "enlarge",
            .aliases = "upscale enlarging magnify",
            .summary = "Makes the picture as large as that, also when it was smaller",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES | DM_OP_SCALES,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "enlarge-3000",
        },
    .params_size = sizeof(struct enlarge),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "enlarge-150pct enlarge-190 enlarge-x17 enlarge-300x",
    .apply = apply,
    .extent = extent,
};
