// SPDX-License-Identifier: MIT
//
// saturate: the chroma of CIE LCh(ab) times 1 + percent / 100, with `less` 1 - percent / 100;
// lightness and hue stay, and grays are not touched. The definition is in ../kernels/chroma.h; a
// table stands in for it, within the bounds that its test states. 8 and 16 bits, alpha kept; gray
// pictures stay as they are.
#include "mpi_worker/ops/chroma.h"
#include "mpi_worker/ops/op.h"

enum direction { MORE, LESS };

struct saturate {
    double percent;
    int direction;
};

static const struct dm_param params_table[] = {
    {
        .name = "percent",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 100,
        .default_text = "30",
        .unit = "%",
        .doc = "how much",
        .offset = offsetof(struct saturate, percent),
    },
    {
        .name = "direction",
        .type = DM_PARAM_WORD,
        .forms = "more less",
        .default_text = "more",
        .unit = "",
        .doc = "stronger colours or weaker ones",
        .offset = offsetof(struct saturate, direction),
    },
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct saturate *p = params;
    double change = (p->direction == LESS ? -p->percent : p->percent) / 100;
    return dm_scale_chroma(in, 1 + change, ret_out, error);
}

const struct dm_op dm_op_saturate = {
    .info =
        {
            .name = "saturate",
            .aliases = "saturation",
            .summary = "Makes colours stronger, or weaker",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "saturate-30",
        },
    .params_size = sizeof(struct saturate),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "saturate saturate-30-less saturate-100",
    .apply = apply,
};
