// SPDX-License-Identifier: MIT
//
// flip: top and bottom change places; cv2.flip(0).
#include "mpi_worker/image/placement.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/ops/op.h"

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    VipsImage *out = NULL;
    if (vips_flip(in, &out, VIPS_DIRECTION_VERTICAL, NULL) != 0) {
        return dm_vips_fail(error, "flip");
    }
    dm_placement_turn(out, 4, in->Xsize, in->Ysize);
    *ret_out = out;
    return true;
}

const struct dm_op dm_op_flip = {
    .info =
        {
            .name = "flip",
            .aliases = "",
            .summary = "Swaps top and bottom",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY | DM_OP_RANDOM_ACCESS,
            .group = "geometry",
            .example = "flip",
        },
    .promises = DM_PROMISE_ONLY_MOVES | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_NOTHING |
                DM_PROMISE_MIRRORS,
    .apply = apply,
};
