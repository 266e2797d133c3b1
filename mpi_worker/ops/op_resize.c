// SPDX-License-Identifier: MIT
//
// resize: the longest side, the width or the height at most so many pixels, into a box, or by a
// percentage; the aspect stays, and a picture that is small enough is left as it is. Lanczos3, with
// alpha premultiplied. May it enlarge: enlarge.
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
        .min = DM_RESIZE_MIN_PX,
        .max = DM_SIDE_MAX_PX,
        .required = true,
        .unit = "px",
        .doc =
            "the longest side at most (1600), the width (1600x), the height (x900), a box to fit "
            "into (1600x1200), or a percentage",
        .offset = offsetof(struct resize, size),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct resize *p = params;
    return dm_extent_shrunk(from, &p->size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_resample_to(in, extent(params, dm_extent_of(in)), ret_out, error);
}

const struct dm_op dm_op_resize = {
    .info =
        {
            .name = "resize",
            .aliases = "scale resizing fit contain inside",
            .kept_aliases = "fit",
            .summary = "Makes the picture smaller; one that is small enough stays as it is",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES | DM_OP_SHRINKS | DM_OP_SCALES,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "resize-1600",
        },
    .params_size = sizeof(struct resize),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "resize-50pct resize-90 resize-x17 resize-200pct resize-40x30",
    .apply = apply,
    .extent = extent,
};
