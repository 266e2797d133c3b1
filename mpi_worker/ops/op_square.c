// SPDX-License-Identifier: MIT
//
// square: cuts the largest square out, by gravity; `smart` takes the part with most detail. With a
// size that square is then made so large: `fill` with a square box. Lanczos3.
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct square {
    struct dm_size size;
    int gravity; // enum dm_gravity
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_SIZE,
        .forms = "W",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .unit = "px",
        .doc = "the side; the picture's shorter one when not given",
        .offset = offsetof(struct square, size),
    },
    {
        .name = "gravity",
        .type = DM_PARAM_WORD,
        .forms = DM_GRAVITY_FORMS,
        .default_text = "center",
        .unit = "",
        .doc = "which part is kept",
        .offset = offsetof(struct square, gravity),
    },
};

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct square *p = params;
    int shorter = MIN(from.width, from.height);
    return p->size.side_px > 0 ? dm_extent_box(&p->size) : (struct dm_extent){shorter, shorter};
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct square *p = params;
    return dm_fill(in, extent(p, dm_extent_of(in)), (enum dm_gravity)p->gravity, ret_out, error);
}

static bool looks(const void *params) {
    return ((const struct square *)params)->gravity == DM_GRAVITY_SMART;
}

static void *look(VipsImage *in, const void *params, void *decision) {
    const struct square *p = params;
    return dm_fill_look(in, extent(p, dm_extent_of(in)), decision);
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    const struct square *p = params;
    return dm_fill_decided(in, extent(p, dm_extent_of(in)), decision, ret_out, error);
}

const struct dm_op dm_op_square = {
    .info =
        {
            .name = "square",
            .aliases = "squared square-crop crop-square",
            .summary = "Cuts out the largest square",
            .flags = DM_OP_GEOMETRY | DM_OP_RESAMPLES | DM_OP_BOXES | DM_OP_CUTS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "square-800",
        },
    .params_size = sizeof(struct square),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE,
    .samples = "square square-20 square-smart",
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
    .looks = looks,
    .extent = extent,
};
