// SPDX-License-Identifier: MIT
//
// tiff: results are TIFF files, compressed without loss.
#include "mpi_worker/ops/op.h"

struct tiff {
    int compression;
};

static const char *const compressions[] = {"lzw", "deflate", "none"};

static const struct dm_param params_table[] = {
    {
        .name = "compression",
        .type = DM_PARAM_WORD,
        .forms = "lzw deflate none", // as compressions[]
        .default_text = "lzw",
        .unit = "",
        .doc = "how it is compressed",
        .offset = offsetof(struct tiff, compression),
    },
};

static void output(const void *params, struct dm_output *ret) {
    const struct tiff *p = params;
    *ret = (struct dm_output){
        .format = "tiff",
        .quality = DM_UNSET_INT,
        .effort = DM_UNSET_INT,
        .lossless = true,
        .compression = compressions[p->compression],
    };
}

const struct dm_op dm_op_tiff = {
    .info =
        {
            .name = "tiff",
            .aliases = "tif",
            .summary = "Writes TIFF",
            .flags = DM_OP_OUTPUT | DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "output",
            .example = "tiff-deflate",
        },
    .params_size = sizeof(struct tiff),
    .output = output,
};
