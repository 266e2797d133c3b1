// SPDX-License-Identifier: MIT
//
// gamma: max * (v / max) ^ (1 / gamma), rounded: above 1 the middle tones become lighter, black and
// white stay. 8 and 16 bits, alpha kept.
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/op.h"

struct gamma {
    double gamma;
};

static const struct dm_param params_table[] = {
    {
        .name = "gamma",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0.1,
        .max = 10,
        .default_text = "1.2",
        .unit = "",
        .doc = "above 1 lighter, below 1 darker",
        .offset = offsetof(struct gamma, gamma),
    },
};

static void point(const void *params, int max, uint16_t *table) {
    const struct gamma *p = params;
    for (int v = 0; v <= max; v++) {
        table[v] = dm_table_entry(max * pow((double)v / max, 1 / p->gamma), max);
    }
}

const struct dm_op dm_op_gamma = {
    .info =
        {
            .name = "gamma",
            .aliases = "gamma-correction midtones",
            .summary = "Makes the middle tones lighter or darker",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "gamma-1.2",
        },
    .params_size = sizeof(struct gamma),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "gamma gamma-0.5",
    .point = point,
};
