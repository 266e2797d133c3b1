// SPDX-License-Identifier: MIT
//
// contrast: about mid-gray, mid + (v - mid) * (1 + percent / 100), or 1 - percent / 100 for less;
// mid is 127.5 (32767.5), and the result is rounded half to even. 8 and 16 bits, alpha kept.
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/op.h"

enum direction { MORE, LESS };

struct contrast {
    double percent;
    int direction;
};

static const struct dm_param params_table[] = {
    {
        .name = "percent",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 100,
        .default_text = "20",
        .unit = "%",
        .doc = "how much",
        .offset = offsetof(struct contrast, percent),
    },
    {
        .name = "direction",
        .type = DM_PARAM_WORD,
        .forms = "more less",
        .default_text = "more",
        .unit = "",
        .doc = "more contrast or less",
        .offset = offsetof(struct contrast, direction),
    },
};

static void point(const void *params, int max, uint16_t *table) {
    const struct contrast *p = params;
    double factor = 1 + (p->direction == LESS ? -p->percent : p->percent) / 100;
    for (int v = 0; v <= max; v++) {
        table[v] = dm_table_entry(max / 2.0 + (v - max / 2.0) * factor, max);
    }
}

const struct dm_op dm_op_contrast = {
    .info =
        {
            .name = "contrast",
            .aliases = "",
            .summary = "Sets light and dark further apart, or closer together",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "contrast-20",
        },
    .params_size = sizeof(struct contrast),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "contrast contrast-30-less",
    .point = point,
};
