// SPDX-License-Identifier: MIT
//
// close: dilation, then erosion: cv2.morphologyEx CLOSE.
// Bands, formats and the rest: morph.h.
#include "mpi_worker/ops/morph.h"

const struct dm_op dm_op_close = {
    .info =
        {
            .name = "close",
            .aliases = "closing morphological-closing",
            .summary = "Fills small dark spots (morphological closing)",
            .flags = DM_OP_KEEPS_SIZE,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "close-5",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE,
    .samples = "close close-15 close-6-ellipse",
    .apply = dm_morph_close,
};
