// SPDX-License-Identifier: MIT
//
// tint: draws every pixel by `percent` towards the colour with the pixel's own luma, which so stays
// what it was: the blend mode `color` of W3C Compositing and Blending Level 1 (SetLum, ClipColor)
// laid over the picture at that opacity, with BT.601 luma (as `gray` has it). Black and white stay.
// 8 and 16 bits, alpha kept; a gray picture becomes RGB.
#include "mpi_worker/ops/colour.h"
#include "mpi_worker/ops/op.h"

struct tint {
    struct dm_colour colour;
    double percent;
};

static const struct dm_param params_table[] = {
    {
        .name = "colour",
        .type = DM_PARAM_COLOUR,
        .forms = "RRGGBB NAME",
        .required = true,
        .unit = "",
        .doc = "what to tint with",
        .offset = offsetof(struct tint, colour),
    },
    {
        .name = "percent",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 100,
        .default_text = "30",
        .unit = "%",
        .doc = "how far towards it",
        .offset = offsetof(struct tint, percent),
    },
};

static double luma_of(const double rgb[3]) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/** The colour moved to @luma, and drawn towards gray as far as it would leave the range. */
static void ramp(double luma, const void *params, double ret_rgb[3]) {
    const struct tint *p = params;
    double rgb[3];
    dm_colour_unit(p->colour, rgb);
    double own = luma_of(rgb);
    double low = MIN(MIN(rgb[0], rgb[1]), rgb[2]) - own; // how far channels lie off the luma
    double high = MAX(MAX(rgb[0], rgb[1]), rgb[2]) - own;
    double chroma = 1;
    if (luma + low < 0) {
        chroma = luma / -low;
    }
    if (luma + high > 1) {
        chroma = MIN(chroma, (1 - luma) / high);
    }
    for (int i = 0; i < 3; i++) {
        ret_rgb[i] = luma + (rgb[i] - own) * chroma;
    }
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct tint *p = params;
    return dm_node_ramp(in, ramp, params, p->percent, ret_out, error);
}

const struct dm_op dm_op_tint = {
    .info =
        {
            .name = "tint",
            .aliases = "colorize colourize color-tint colour-tint",
            .summary = "Draws all colours towards one; light and dark stay",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "tint-orange-30",
        },
    .params_size = sizeof(struct tint),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS | DM_PROMISE_MAY_ADD_BANDS,
    .samples = "tint-orange tint-ff8800-100 tint-navy-0",
    .apply = apply,
};
