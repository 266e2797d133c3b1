// SPDX-License-Identifier: MIT
//
// gif: results are GIF files of up to 256 colours a picture, by cgif and libimagequant through
// libvips. Animations stay animations, with their delays and loop. Alpha is all or nothing.
#include "mpi_worker/ops/op.h"

struct gif {
    int effort;
};

static const struct dm_param params_table[] = {
    {
        .name = "effort",
        .type = DM_PARAM_INT,
        .forms = "N eN",
        .min = 1,
        .max = 10,
        .default_text = "7",
        .unit = "",
        .doc = "care taken in choosing the colours, 1 is fastest",
        .offset = offsetof(struct gif, effort),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct gif *p = params;
    *ret = (struct dm_output){.format = "gif", .quality = DM_UNSET_INT, .effort = p->effort};
}

const struct dm_op dm_op_gif = {
    .info =
        {
            .name = "gif",
            .aliases = "",
            .summary = "Writes GIF, with animation where there is one",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "gif",
        },
    .params_size = sizeof(struct gif),
    .output = output,
};
