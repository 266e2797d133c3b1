// SPDX-License-Identifier: MIT
//
// desaturate: `saturate` with `less`: the chroma of CIE LCh(ab) times 1 - percent / 100. All of it,
// the default, leaves the gray of the same lightness L*, where `gray` leaves luma; the picture
// stays RGB.
#include "mpi_worker/ops/chroma.h"
#include "mpi_worker/ops/op.h"

struct desaturate {
    double percent;
};

static const struct dm_param params_table[] = {
    {
        .name = "percent",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 100,
        .default_text = "100",
        .unit = "%",
        .doc = "how much of the colour goes",
        .offset = offsetof(struct desaturate, percent),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct desaturate *p = params;
    return dm_scale_chroma(in, 1 - p->percent / 100, ret_out, error);
}

const struct dm_op dm_op_desaturate = {
    .info =
        {
            .name = "desaturate",
            .aliases = "desaturation",
            .summary = "Makes colours weaker, down to gray",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "desaturate-50",
        },
    .params_size = sizeof(struct desaturate),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "desaturate desaturate-50",
    .apply = apply,
};
