// SPDX-License-Identifier: MIT
//
// webp: results are WebP files.
#include "mpi_worker/ops/op.h"

struct webp {
    int quality;
    int effort;
    int mode; // one word: lossless
};

static const struct dm_param params_table[] = {
    {
        .name = "quality",
        .type = DM_PARAM_INT,
        .forms = "N qN",
        .min = 1,
        .max = 100,
        .default_text = "80",
        .unit = "",
        .doc = "100 is best and largest",
        .says = "takes a quality of",
        .offset = offsetof(struct webp, quality),
    },
    {
        .name = "effort",
        .type = DM_PARAM_INT,
        .forms = "eN",
        .min = 0,
        .max = 6,
        .default_text = "e4",
        .unit = "",
        .doc = "e0 is fastest, e6 smallest",
        .offset = offsetof(struct webp, effort),
    },
    {
        .name = "mode",
        .type = DM_PARAM_WORD,
        .forms = "lossless",
        .unit = "",
        .doc = "keeps every pixel as it is",
        .offset = offsetof(struct webp, mode),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct webp *p = params;
    *ret = (struct dm_output){
        .format = "webp",
        .quality = p->quality,
        .effort = p->effort,
        .lossless = p->mode != DM_UNSET_INT,
    };
}

const struct dm_op dm_op_webp = {
    .info =
        {
            .name = "webp",
            .aliases = "",
            .summary = "Writes WebP",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "webp-80",
        },
    .params_size = sizeof(struct webp),
    .output = output,
};
