// SPDX-License-Identifier: MIT
//
// invert: 255 - v (65535 - v), alpha kept; cv2.bitwise_not. A point operation is only its table.
#include "mpi_worker/ops/op.h"

static void point(const void *params, int max, uint16_t *table) {
    (void)params;
    for (int v = 0; v <= max; v++) {
        table[v] = (uint16_t)(max - v);
    }
}

const struct dm_op dm_op_invert = {
    .info =
        {
            .name = "invert",
            .aliases = "negative negate negation inversion color-inversion colour-inversion "
                       "invert-colors invert-colours",
            .summary = "Turns light into dark and each colour into its opposite",
            .flags = DM_OP_POINT | DM_OP_KEEPS_SIZE,
            .group = "tone",
            .example = "invert",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_TWICE_IS_NOTHING | DM_PROMISE_MIRRORS,
    .point = point,
};
