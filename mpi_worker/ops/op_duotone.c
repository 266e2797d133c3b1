// SPDX-License-Identifier: MIT
//
// duotone: the BT.601 luma of each pixel (as `gray` has it), from black to white, becomes a colour
// on the straight line from the dark to the light colour, in the encoded values. 8 and 16 bits,
// alpha kept; a gray picture becomes RGB.
#include "mpi_worker/ops/colour.h"
#include "mpi_worker/ops/op.h"

struct duotone {
    struct dm_colour dark, light;
};

static const struct dm_param params_table[] = {
    {
        .name = "dark",
        .type = DM_PARAM_COLOUR,
        .forms = "RRGGBB NAME",
        .default_text = "navy",
        .unit = "",
        .doc = "the colour of the shadows",
        .offset = offsetof(struct duotone, dark),
    },
    {
        .name = "light",
        .type = DM_PARAM_COLOUR,
        .forms = "RRGGBB NAME",
        .default_text = "beige",
        .unit = "",
        .doc = "the colour of the lights",
        .offset = offsetof(struct duotone, light),
    },
};

static void ramp(double luma, const void *params, double ret_rgb[3]) {
    const struct duotone *p = params;
    double dark[3], light[3];
    dm_colour_unit(p->dark, dark);
    dm_colour_unit(p->light, light);
    for (int i = 0; i < 3; i++) {
        ret_rgb[i] = dark[i] + (light[i] - dark[i]) * luma;
    }
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_node_ramp(in, ramp, params, 100, ret_out, error);
}

const struct dm_op dm_op_duotone = {
    .info =
        {
            .name = "duotone",
            .aliases = "duo-tone two-tone gradient-map",
            .summary = "Prints it in two colours, one for shadows and one for lights",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "duotone-navy-orange",
        },
    .params_size = sizeof(struct duotone),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS | DM_PROMISE_MAY_ADD_BANDS,
    .samples = "duotone duotone-navy-orange duotone-ffffff-102030",
    .apply = apply,
};
