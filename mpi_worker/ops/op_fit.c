// SPDX-License-Identifier: MIT
//
// fit: into a box, the aspect stays; a picture that fits already is left as it is. Lanczos3.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct fit {
    struct dm_size size;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_SIZE,
        .forms = "WxH W",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .required = true,
        .unit = "px",
        .doc = "the box; one number for a square one",
        .offset = offsetof(struct fit, size),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct fit *p = params;
    struct dm_extent box = dm_extent_box(&p->size);
    struct dm_size size = {box.width, box.height, 0};
    bool fits = from.width <= box.width && from.height <= box.height;
    return fits ? from : dm_extent_scaled(from, &size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_resample_to(in, extent(params, dm_extent_of(in)), ret_out, error);
}

const struct dm_op dm_op_fit = {
    .info =
        {
            .name = "fit",
            .aliases = "contain inside",
            .summary = "Shrinks into a box, never enlarges",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "fit-1600x1200",
        },
    .params_size = sizeof(struct fit),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "fit-40x30",
    .apply = apply,
    .extent = extent,
};
