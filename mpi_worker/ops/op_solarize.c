// SPDX-License-Identifier: MIT
//
// solarize: values from the level up are inverted, as over-exposed film does; the level is scaled
// by 257 for 16 bits. 8 and 16 bits, alpha kept.
#include "mpi_worker/ops/op.h"

struct solarize {
    int level;
};

static const struct dm_param params_table[] = {
    {
        .name = "level",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 0,
        .max = 255,
        .default_text = "128",
        .unit = "",
        .doc = "brightness from which a pixel is inverted",
        .says = "takes a level of",
        .offset = offsetof(struct solarize, level),
    },
};

static void point(const void *params, int max, uint16_t *table) {
    const struct solarize *p = params;
    int level = max == 255 ? p->level : p->level * 257;
    for (int v = 0; v <= max; v++) {
        table[v] = (uint16_t)(v < level ? v : max - v);
    }
}

const struct dm_op dm_op_solarize = {
    .info =
        {
            .name = "solarize",
            .aliases = "solarise",
            .summary = "Inverts what is brighter than a level",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "solarize-128",
        },
    .params_size = sizeof(struct solarize),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "solarize solarize-0 solarize-200",
    .point = point,
};
