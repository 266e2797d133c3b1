// SPDX-License-Identifier: MIT
//
// blackhat: the closing less the picture: cv2.morphologyEx BLACKHAT.
// Bands, formats and the rest: morph.h. The picture is read twice, hence in memory.
#include "mpi_worker/image/node.h"
#include "mpi_worker/ops/morph.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) closed = NULL;
    return dm_morph_close(in, params, &closed, error) &&
           dm_morph_difference(closed, in, ret_out, error);
}

const struct dm_op dm_op_blackhat = {
    .info =
        {
            .name = "blackhat",
            .aliases = "black-hat black-top-hat black-tophat bottom-hat",
            .summary = "Keeps nothing but small dark spots, as bright ones",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "gray_blackhat-15",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA,
    .samples = "blackhat blackhat-6-ellipse",
    .apply = apply,
};
