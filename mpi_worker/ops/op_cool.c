// SPDX-License-Identifier: MIT
//
// cool: daylight that is `percent` of 90 mired cooler than 6504 K (15700 K at 100); the definition
// is in temperature.c. 8 and 16 bits, alpha kept; a gray picture becomes RGB.
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/temperature.h"

struct cool {
    double percent;
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
        .doc = "how much cooler",
        .offset = offsetof(struct cool, percent),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct cool *p = params;
    return dm_shift_temperature(in, -p->percent, ret_out, error);
}

const struct dm_op dm_op_cool = {
    .info =
        {
            .name = "cool",
            .aliases = "cooler cooling cooling-filter",
            .summary = "Makes the light cooler, as in the shade",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "cool-20",
        },
    .params_size = sizeof(struct cool),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS | DM_PROMISE_MAY_ADD_BANDS,
    .samples = "cool cool-100",
    .apply = apply,
};
