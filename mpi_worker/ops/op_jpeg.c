// SPDX-License-Identifier: MIT
//
// jpeg: results are JPEG files.
#include "mpi_worker/ops/op.h"

struct jpeg {
    int quality;
};

static const struct dm_param params_table[] = {
    {
        .name = "quality",
        .type = DM_PARAM_INT,
        .forms = "N qN",
        .min = 1,
        .max = 100,
        .unit = "",
        .doc = "100 is best and largest, 85 when not given",
        .offset = offsetof(struct jpeg, quality),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct jpeg *p = params;
    *ret = (struct dm_output){.format = "jpeg", .quality = p->quality, .effort = DM_UNSET_INT};
}

const struct dm_op dm_op_jpeg = {
    .info =
        {
            .name = "jpeg",
            .aliases = "jpg",
            .summary = "Writes JPEG",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "jpeg-80",
        },
    .params_size = sizeof(struct jpeg),
    .output = output,
};
