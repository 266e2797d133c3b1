// SPDX-License-Identifier: MIT
//
// levels: the percentile stretch. The darkest and the lightest `clip` percent of all colour samples
// together are let go; what is between is stretched to the full range, the same for every channel,
// so that hues stay: (v - low) * max / (high - low), rounded half to even. A picture in which
// nothing is between stays as it is. 8 and 16 bits, alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/histogram.h"
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/decision.h"
#include "mpi_worker/ops/histogram.h"
#include "mpi_worker/ops/op.h"

struct levels {
    double clip;
};

static const struct dm_param params_table[] = {
    {
        .name = "clip",
        .type = DM_PARAM_NUMBER,
        .forms = "N Npct",
        .min = 0,
        .max = 20,
        .default_text = "0.5",
        .unit = "%",
        .doc = "share of the samples at either end that may become pure black or white",
        .offset = offsetof(struct levels, clip),
    },
};

static void *look(VipsImage *in, const void *params, void *decision) {
    (void)params;
    return dm_image_count(in, decision);
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    const struct levels *p = params;
    const struct dm_counts *counts = decision;
    int max = dm_image_max(in);
    int low, high;
    dm_histogram_tails(counts->bins, max, counts->total, p->clip / 100, &low, &high);
    if (low >= high) {
        *ret_out = g_object_ref(in);
        return true;
    }
    g_autofree uint16_t *table = g_new(uint16_t, (size_t)max + 1);
    for (int v = 0; v <= max; v++) {
        table[v] = dm_table_entry((double)(v - low) * max / (high - low), max);
    }
    return dm_node_table(in, table, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_decide_alone(look, apply_decided, in, params, ret_out, error);
}

const struct dm_op dm_op_levels = {
    .info =
        {
            .name = "levels",
            .aliases =
                "auto-levels autolevels auto-contrast autocontrast auto-tone normalize normalise",
            .summary = "Stretches the contrast, letting go of the few darkest and lightest pixels",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "levels-1",
        },
    .params_size = sizeof(struct levels),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "levels levels-0 levels-10",
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
};
