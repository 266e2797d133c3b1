// SPDX-License-Identifier: MIT
//
// png: results are PNG files.
#include "mpi_worker/ops/op.h"

struct png {
    int level;
};

static const struct dm_param params_table[] = {
    {
        .name = "level",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 9,
        .default_text = "2",
        .unit = "",
        .doc = "compression: 0 none, 9 slowest",
        .offset = offsetof(struct png, level),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct png *p = params;
    *ret = (struct dm_output){
        .format = "png", .quality = DM_UNSET_INT, .effort = p->level, .lossless = true};
}

const struct dm_op dm_op_png = {
    .info =
        {
            .name = "png",
            .aliases = "",
            .summary = "Writes PNG",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "png",
        },
    .params_size = sizeof(struct png),
    .output = output,
};
