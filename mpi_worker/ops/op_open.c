// SPDX-License-Identifier: MIT
//
// open: erosion, then dilation: cv2.morphologyEx OPEN.
// Bands, formats and the rest: morph.h.
#include "mpi_worker/ops/morph.h"

const struct dm_op dm_op_open = {
    .info =
        {
            .name = "open",
            .aliases = "opening morphological-opening",
            .summary = "Removes small bright spots (morphological opening)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "gray_open-3",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE,
    .samples = "open open-15 open-6-ellipse",
    .apply = dm_morph_open,
};
