// SPDX-License-Identifier: MIT
//
// crop: cuts a window out, at x and y, or by gravity; `smart` takes the part with most detail. A
// window that reaches outside the picture is refused.
#include "mpi_worker/ops/op.h"
#include "common/error.h"
#include "mpi_worker/ops/geometry.h"

struct crop {
    struct dm_size size;
    int x, y;
    int gravity; // enum dm_gravity
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
        .doc = "the window",
        .offset = offsetof(struct crop, size),
    },
    {
        .name = "x",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = DM_SIDE_MAX_PX,
        .unit = "px",
        .doc = "its distance from the left edge",
        .offset = offsetof(struct crop, x),
    },
    {
        .name = "y",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = DM_SIDE_MAX_PX,
        .unit = "px",
        .doc = "its distance from the top edge",
        .offset = offsetof(struct crop, y),
    },
    {
        .name = "gravity",
        .type = DM_PARAM_WORD,
        .forms = DM_GRAVITY_FORMS,
        .default_text = "center",
        .unit = "",
        .doc = "where it lies when x and y are not given",
        .offset = offsetof(struct crop, gravity),
    },
};

static bool check(const void *params, GError **error) {
    const struct crop *p = params;
    if (p->x != DM_UNSET_INT && p->y == DM_UNSET_INT) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "crop: x '%d' was given without y, expected both, for example "
                       "crop-800x600-10-20",
                       p->x);
    }
    if (p->x != DM_UNSET_INT && p->gravity != DM_GRAVITY_CENTER) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "crop: x and y '%d-%d' cannot go with a gravity, expected one of the two",
                       p->x, p->y);
    }
    return true;
}

static struct dm_extent extent(const void *params, struct dm_extent from) {
    (void)from;
    const struct crop *p = params;
    return (struct dm_extent){p->size.width_px, p->size.height_px};
}

/** Where the window lies is decided by @decision, or (NULL) by this picture alone. */
static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    const struct crop *p = params;
    struct dm_extent size = extent(params, dm_extent_of(in));
    bool placed = p->x != DM_UNSET_INT;
    int x = placed ? p->x : 0;
    int y = placed ? p->y : 0;

    if (x + size.width > in->Xsize || y + size.height > in->Ysize) {
        return dm_fail(error, DM_ERROR_INPUT,
                       "crop: '%dx%d' at %d,%d reaches outside the picture, expected a window "
                       "within %dx%d",
                       size.width, size.height, x, y, in->Xsize, in->Ysize);
    }
    if (placed) {
        return dm_cut(in, x, y, size, ret_out, error);
    }
    if (decision != NULL) {
        return dm_cut_smart(in, size, decision, ret_out, error);
    }
    return dm_cut_gravity(in, size, (enum dm_gravity)p->gravity, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return apply_decided(in, params, NULL, ret_out, error);
}

static bool looks(const void *params) {
    return ((const struct crop *)params)->gravity == DM_GRAVITY_SMART;
}

static void *look(VipsImage *in, const void *params, void *decision) {
    struct dm_extent size = extent(params, dm_extent_of(in));
    bool fits = size.width <= in->Xsize && size.height <= in->Ysize; // else apply will say so
    return fits ? dm_look_smart(in, size, decision) : decision;
}

const struct dm_op dm_op_crop = {
    .info =
        {
            .name = "crop",
            .aliases = "cropping cut",
            .summary = "Cuts a window out of the picture",
            .flags = DM_OP_GEOMETRY | DM_OP_BOXES | DM_OP_CUTS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "crop-800x600-10-20",
        },
    .params_size = sizeof(struct crop),
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT,
    .samples = "crop-1x1",
    .check = check,
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
    .looks = looks,
    .extent = extent,
};
