// SPDX-License-Identifier: MIT
//
// darken: v * (1 - percent / 100), half to even: cv2.convertScaleAbs with that alpha.
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/op.h"

struct darken {
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
        .doc = "how much darker",
        .says = "makes it darker by",
        .offset = offsetof(struct darken, percent),
    },
};

static void point(const void *params, int max, uint16_t *table) {
    const struct darken *p = params;
    dm_table_scale(table, max, 1 - p->percent / 100, 0);
}

const struct dm_op dm_op_darken = {
    .info =
        {
            .name = "darken",
            .aliases = "brightness-down decrease-brightness darker",
            .summary = "Makes the picture darker",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "darken-20",
        },
    .params_size = sizeof(struct darken),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .point = point,
};
