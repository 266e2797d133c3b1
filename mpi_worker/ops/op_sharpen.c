// SPDX-License-Identifier: MIT
//
// sharpen: cv2.filter2D with a 3x3 kernel, border REFLECT_101. 8 and 16 bits, alpha kept.
// Kernel: ../kernels/filter3.c.
#include "mpi_worker/ops/filter3.h"
#include "mpi_worker/ops/op.h"

struct sharpen {
    int strength; // enum dm_filter3, whose first two are soft and strong
};

static const struct dm_param params_table[] = {
    {
        .name = "strength",
        .type = DM_PARAM_WORD,
        .forms = "soft strong",
        .default_text = "soft",
        .unit = "",
        .doc = "how much",
        .offset = offsetof(struct sharpen, strength),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct sharpen *p = params;
    return dm_node_filter3(in, (enum dm_filter3)p->strength, ret_out, error);
}

const struct dm_op dm_op_sharpen = {
    .info =
        {
            .name = "sharpen",
            .aliases = "sharpening",
            .summary = "Sharpens edges and detail",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_FINE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "sharpen-strong",
        },
    .params_size = sizeof(struct sharpen),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_KEEPS_FLAT | DM_PROMISE_MIRRORS,
    .samples = "sharpen sharpen-strong",
    .apply = apply,
};
