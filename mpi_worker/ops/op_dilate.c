// SPDX-License-Identifier: MIT
//
// dilate: each pixel becomes the brightest one around it: cv2.dilate, cv2.morphologyEx DILATE.
// Bands, formats and the rest: morph.h.
#include "mpi_worker/ops/morph.h"

const struct dm_op dm_op_dilate = {
    .info =
        {
            .name = "dilate",
            .aliases = "dilation maximum grow-bright",
            .summary = "Lets bright parts grow (dilation)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "dilate-5",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT,
    .samples = "dilate dilate-15 dilate-6-ellipse dilate-9-cross",
    .apply = dm_morph_dilate,
};
