// SPDX-License-Identifier: MIT
//
// copy: nothing. For trying a share out, and for re-encoding with an output step after it.
// How an operation's file is laid out: op_blur.c has every part.
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    (void)error;
    *ret_out = g_object_ref(in);
    return true;
}

const struct dm_op dm_op_copy = {
    .info =
        {
            .name = "copy",
            .aliases = "",
            .summary = "Changes nothing: for trying, or before an output step",
            .flags = DM_OP_KEEPS_SIZE,
            .group = "output",
            .example = "copy_jpeg-80",
        },
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT |
                DM_PROMISE_TWICE_IS_ONCE | DM_PROMISE_MIRRORS,
    .apply = apply,
};
