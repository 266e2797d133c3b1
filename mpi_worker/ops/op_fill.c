// SPDX-License-Identifier: MIT
//
// fill: covers a box and crops what sticks out, by gravity; `smart` keeps the part with most
// detail. May enlarge. Lanczos3.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct fill {
    struct dm_size size;
    int gravity; // enum dm_gravity
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
        .offset = offsetof(struct fill, size),
    },
    {
        .name = "gravity",
        .type = DM_PARAM_WORD,
        .forms = DM_GRAVITY_FORMS,
        .default_text = "center",
        .unit = "",
        .doc = "which part is kept",
        .offset = offsetof(struct fill, gravity),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    (void)from;
    const struct fill *p = params;
    return dm_extent_box(&p->size);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct fill *p = params;
    return dm_fill(in, dm_extent_box(&p->size), (enum dm_gravity)p->gravity, ret_out, error);
}

static bool looks(const void *params) {
    return ((const struct fill *)params)->gravity == DM_GRAVITY_SMART;
}

static void *look(VipsImage *in, const void *params, void *decision) {
    const struct fill *p = params;
    return dm_fill_look(in, dm_extent_box(&p->size), decision);
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    const struct fill *p = params;
    return dm_fill_decided(in, dm_extent_box(&p->size), decision, ret_out, error);
}

const struct dm_op dm_op_fill = {
    .info =
        {
            .name = "fill",
            .aliases = "thumbnail cover thumb",
            .summary = "Fills a box exactly and crops what sticks out",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES | DM_OP_BOXES | DM_OP_CUTS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "fill-400x400-smart",
        },
    .params_size = sizeof(struct fill),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "fill-20x30 fill-8x8-smart",
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
    .looks = looks,
    .extent = extent,
};
