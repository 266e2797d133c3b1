// SPDX-License-Identifier: MIT
//
// posterize: every channel gets only so many levels, evenly spaced from black to white; the range
// of values is cut into as many equal parts. 8 and 16 bits, alpha kept.
#include "mpi_worker/ops/op.h"

struct posterize {
    int levels;
};

static const struct dm_param params_table[] = {{.name = "levels",
                                                .type = DM_PARAM_INT,
                                                .forms = "N",
                                                .min = 2,
                                                .max = 64,
                                                .default_text = "4",
                                                .unit = "",
                                                .doc = "how many each channel keeps",
                                                .offset = offsetof(struct posterize, levels)}};

static void point(const void *params, int max, uint16_t *table) {
    const struct posterize *p = params;
    for (int v = 0; v <= max; v++) {
        table[v] = (uint16_t)(v * p->levels / (max + 1) * max / (p->levels - 1));
    }
}

const struct dm_op dm_op_posterize = {
    .info = {.name = "posterize",
             .aliases = "posterise",
             .summary = "Leaves only a few levels of each colour",
             .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
             .params = params_table,
             .param_count = G_N_ELEMENTS(params_table),
             .group = "tone",
             .example = "posterize-4"},
    .params_size = sizeof(struct posterize),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_TWICE_IS_ONCE | DM_PROMISE_MIRRORS,
    .samples = "posterize posterize-2 posterize-7",
    .point = point,
};
