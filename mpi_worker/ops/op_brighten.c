// SPDX-License-Identifier: MIT
//
// brighten: v * (1 + percent / 100), half to even: cv2.convertScaleAbs with that alpha.
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/op.h"

struct brighten {
    double percent;
};

static const struct dm_param params_table[] = {
    {
        .name = "percent",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 400,
        .default_text = "20",
        .unit = "%",
        .doc = "how much brighter",
        .says = "makes it brighter by",
        .offset = offsetof(struct brighten, percent),
    },
};

static void point(const void *params, int max, uint16_t *table) {
    const struct brighten *p = params;
    dm_table_scale(table, max, 1 + p->percent / 100, 0);
}

const struct dm_op dm_op_brighten = {
    .info =
        {
            .name = "brighten",
            .aliases = "brightness-up increase-brightness brighter lighten lighter",
            .summary = "Makes the picture brighter",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "brighten-20",
        },
    .params_size = sizeof(struct brighten),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .point = point,
};
