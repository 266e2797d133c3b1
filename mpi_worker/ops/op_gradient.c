// SPDX-License-Identifier: MIT
//
// gradient: dilation less erosion: cv2.morphologyEx GRADIENT.
// Bands, formats and the rest: morph.h. The picture is read twice, hence in memory.
#include "mpi_worker/image/node.h"
#include "mpi_worker/ops/morph.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) brightest = NULL;
    g_autoptr(VipsImage) darkest = NULL;
    return dm_morph_dilate(in, params, &brightest, error) &&
           dm_morph_erode(in, params, &darkest, error) &&
           dm_morph_difference(brightest, darkest, ret_out, error);
}

const struct dm_op dm_op_gradient = {
    .info =
        {
            .name = "gradient",
            .aliases = "morphological-gradient outline outlines",
            .summary = "Draws outlines, brighter where the contrast is higher",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .params = dm_morph_params,
            .param_count = DM_MORPH_PARAM_COUNT,
            .group = "detail",
            .example = "gray_gradient",
        },
    .params_size = sizeof(struct dm_morph_params),
    .promises = DM_PROMISE_KEEPS_ALPHA,
    .samples = "gradient gradient-6-ellipse",
    .apply = apply,
};
