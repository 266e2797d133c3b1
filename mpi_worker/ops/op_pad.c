// SPDX-License-Identifier: MIT
//
// pad: puts a margin around the picture: so many pixels on every side, or as many as a canvas
// needs, on which the picture lies by gravity. A picture that is larger than the canvas stays so in
// that direction; nothing is ever cut.
//
// The colour is sRGB's and is put down as it is, whatever profile the picture has. One that is not
// gray makes a gray picture RGB, `transparent` gives a picture an alpha band. 16 bits stay.
#include "common/error.h"
#include "mpi_worker/image/compose.h"
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/placement.h"
#include "mpi_worker/ops/geometry.h"
#include "mpi_worker/ops/op.h"

struct pad {
    int margin;
    struct dm_size canvas;
    int place; // enum dm_gravity
    struct dm_colour colour;
};

static const struct dm_param params_table[] = {
    {
        .name = "margin",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .unit = "px",
        .doc = "added on every side, 20 when no canvas is given either",
        .offset = offsetof(struct pad, margin),
    },
    {
        .name = "canvas",
        .type = DM_PARAM_SIZE,
        .forms = "WxH",
        .min = 1,
        .max = DM_SIDE_MAX_PX,
        .unit = "px",
        .doc = "or: the size to grow to",
        .offset = offsetof(struct pad, canvas),
    },
    {
        .name = "gravity",
        .type = DM_PARAM_WORD,
        .forms = DM_PLACE_FORMS,
        .default_text = "center",
        .unit = "",
        .doc = "where on the canvas the picture lies",
        .offset = offsetof(struct pad, place),
    },
    {
        .name = "colour",
        .type = DM_PARAM_COLOUR,
        .forms = "RRGGBB NAME transparent",
        .default_text = "white",
        .unit = "",
        .doc = "of what is added",
        .offset = offsetof(struct pad, colour),
    },
};

static bool check(const void *params, GError **error) {
    const struct pad *p = params;
    return p->margin == DM_UNSET_INT || p->canvas.width_px == 0 ||
           dm_fail(error, DM_ERROR_INPUT,
                   "pad: margin '%d' cannot go with a canvas, expected one of the two", p->margin);
}

static struct dm_extent extent(const void *params, struct dm_extent from) {
    const struct pad *p = params;
    int margin = p->canvas.width_px > 0 ? 0 : DM_PAD_MARGIN_PX;
    return dm_extent_padded(from, p->margin != DM_UNSET_INT ? p->margin : margin, &p->canvas);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct pad *p = params;
    struct dm_extent size = extent(p, (struct dm_extent){in->Xsize, in->Ysize});
    struct dm_extent room = {size.width - in->Xsize, size.height - in->Ysize};
    struct dm_extent corner = dm_place(room, (enum dm_gravity)p->place);
    g_autoptr(VipsImage) ready = NULL;
    VipsImage *out = NULL;

    if (!dm_with_room_for(in, p->colour, &ready, error)) {
        return false;
    }
    VipsArrayDouble *ink = dm_ink(ready, p->colour, ready->Bands);
    int status = vips_embed(ready, &out, corner.width, corner.height, size.width, size.height,
                            "extend", VIPS_EXTEND_BACKGROUND, "background", ink, NULL);
    vips_area_unref(VIPS_AREA(ink));
    if (status == 0) {
        dm_placement_cut(out, -corner.width, -corner.height);
    }
    return dm_node_finish(out, status, ret_out, error);
}

const struct dm_op dm_op_pad = {
    .info =
        {
            .name = "pad",
            .aliases = "padding border add-border extend extend-canvas canvas",
            .summary = "Puts a margin of one colour around the picture",
            .flags = DM_OP_GEOMETRY | DM_OP_PADS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "geometry",
            .example = "pad-1600x1200-white",
        },
    .params_size = sizeof(struct pad),
    .promises = DM_PROMISE_MAY_ADD_BANDS,
    .samples = "pad-3 pad-5-ff8000 pad-100x160-southeast-transparent",
    .check = check,
    .apply = apply,
    .extent = extent,
};
