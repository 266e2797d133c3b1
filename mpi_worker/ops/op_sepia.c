// SPDX-License-Identifier: MIT
//
// sepia: the matrix of sepia() in W3C Filter Effects Module Level 1, on the encoded values: at 100
// percent the well-known .393 .769 .189, .349 .686 .168, .272 .534 .131, below that mixed with the
// picture itself. 8 and 16 bits, alpha kept; a gray picture becomes RGB.
#include "mpi_worker/ops/colour.h"
#include "mpi_worker/ops/op.h"

struct sepia {
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
        .doc = "how much of the old colours gives way",
        .offset = offsetof(struct sepia, percent),
    },
};

static const double full[3][3] = {
    {0.393, 0.769, 0.189},
    {0.349, 0.686, 0.168},
    {0.272, 0.534, 0.131},
};

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct sepia *p = params;
    struct dm_matrix matrix = dm_matrix_of(full, p->percent / 100);
    return dm_node_matrix(in, &matrix, ret_out, error);
}

const struct dm_op dm_op_sepia = {
    .info =
        {
            .name = "sepia",
            .aliases = "sepia-tone sepiatone antique",
            .summary = "Gives it the brown of old photographs",
            .flags = DM_OP_KEEPS_SIZE,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "sepia",
        },
    .params_size = sizeof(struct sepia),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS | DM_PROMISE_MAY_ADD_BANDS,
    .samples = "sepia sepia-40",
    .apply = apply,
};
