// SPDX-License-Identifier: MIT
//
// jpeg: results are JPEG files. A source's chroma sampling and progression are kept. `same` takes
// the quality at which libjpeg's own luma table comes nearest to the source's, 85 when that is no
// JPEG.
#include "common/error.h"
#include "mpi_worker/ops/op.h"

struct jpeg {
    int quality;
    int like; // one word: same
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
        .says = "takes a quality of",
        .offset = offsetof(struct jpeg, quality),
    },
    {
        .name = "like",
        .type = DM_PARAM_WORD,
        .forms = "same",
        .unit = "",
        .doc = "the quality that the original has, 85 when it is no JPEG",
        .offset = offsetof(struct jpeg, like),
    },
};

static bool check(const void *params, GError **error) {
    const struct jpeg *p = params;
    return p->quality == DM_UNSET_INT || p->like == DM_UNSET_INT ||
           dm_fail(error, DM_ERROR_INPUT,
                   "jpeg: quality '%d' cannot go with 'same', expected one of the two", p->quality);
}

static void output(const void *params, struct dm_output *ret) {
    const struct jpeg *p = params;
    *ret = (struct dm_output){
        .format = "jpeg",
        .quality = p->quality,
        .same_quality = p->like != DM_UNSET_INT,
        .effort = DM_UNSET_INT,
    };
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
    .check = check,
    .output = output,
};
