// SPDX-License-Identifier: MIT
//
// avif: results are AVIF files, by libaom through libheif and libvips. 8 bits stay, 16 become 12
// (which hold the 10 of another AVIF). Chroma is halved below quality 90. Gray is stored as
// colour. There is no `lossless`: what libvips 8.14 calls so goes through YCbCr and is off by 1 in
// one sample of seventy.
#include "mpi_worker/ops/op.h"

struct avif {
    int quality;
    int effort;
};

static const struct dm_param params_table[] = {
    {
        .name = "quality",
        .type = DM_PARAM_INT,
        .forms = "N qN",
        .min = 1,
        .max = 100,
        .default_text = "75",
        .unit = "",
        .doc = "100 is best and largest; 75 is near a JPEG of 85 at two thirds of its size",
        .says = "takes a quality of",
        .offset = offsetof(struct avif, quality),
    },
    {
        .name = "effort",
        .type = DM_PARAM_INT,
        .forms = "eN",
        .min = 0,
        .max = 9,
        .default_text = "e3",
        .unit = "",
        .doc = "e0 is fastest; from e4 on a photo takes seconds",
        .offset = offsetof(struct avif, effort),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct avif *p = params;
    *ret = (struct dm_output){
        .format = "avif",
        .quality = p->quality,
        .effort = p->effort,
    };
}

const struct dm_op dm_op_avif = {
    .info =
        {
            .name = "avif",
            .aliases = "",
            .summary = "Writes AVIF",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "avif-75",
        },
    .params_size = sizeof(struct avif),
    .output = output,
};
