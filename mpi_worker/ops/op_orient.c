// SPDX-License-Identifier: MIT
//
// orient: the camera's orientation tag goes into the pixels. That is done before the
// first step that has the GEOMETRY flag; so this step only has to have it.
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    (void)error;
    *ret_out = g_object_ref(in);
    return true;
}

const struct dm_op dm_op_orient = {
    .info =
        {
            .name = "orient",
            .aliases = "autorotate auto-orient",
            .summary = "Turns the picture upright as the camera noted it",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY,
            .group = "geometry",
            .example = "orient",
        },
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE |
                DM_PROMISE_MIRRORS,
    .apply = apply,
};
