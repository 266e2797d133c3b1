// SPDX-License-Identifier: MIT
//
// tophat: the picture less its opening: cv2.morphologyEx TOPHAT.
// Bands, formats and the rest: morph.h. The picture is read twice, hence in memory.
#include "mpi_worker/image/node.h"
#include "mpi_worker/ops/morph.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) opened = NULL;
    return dm_morph_open(in, params, &opened, error) &&
           dm_morph_difference(in, opened, ret_out, error);
}

const struct dm_op dm_op_tophat = {
    .info =
        {
            .name = "tophat",
            .aliases = "top-hat white-top-hat white-tophat",
            .summary = "Keeps nothing but small bright spots",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "gray_tophat-15",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA,
    .samples = "tophat tophat-6-ellipse",
    .apply = apply,
};
