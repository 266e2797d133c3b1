// SPDX-License-Identifier: MIT
//
// erode: each pixel becomes the darkest one around it: cv2.erode, cv2.morphologyEx ERODE.
// Bands, formats and the rest: morph.h.
#include "mpi_worker/ops/morph.h"

const struct dm_op dm_op_erode = {
    .info =
        {
            .name = "erode",
            .aliases = "erosion minimum shrink-bright",
            .summary = "Lets dark parts grow (erosion)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "erode-5",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT,
    .samples = "erode erode-15 erode-6-ellipse erode-9-cross",
    .apply = dm_morph_erode,
};
