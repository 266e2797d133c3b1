// SPDX-License-Identifier: MIT
//
// equalize: spreads the brightness evenly: cv2.equalizeHist of a gray picture, of the Y of
// cv2.cvtColor BGR2YCrCb in a coloured one. 16 bits by a histogram of 65536. Alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/histogram.h"
#include "mpi_worker/ops/decision.h"
#include "mpi_worker/ops/histogram.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/relight.h"

static void look_up(const void *params, int left, int y, int width, uint16_t *luma) {
    (void)left;
    (void)y;
    const uint16_t *table = params;
    for (int x = 0; x < width; x++) {
        luma[x] = table[luma[x]];
    }
}

static void *look(VipsImage *in, const void *params, void *decision) {
    (void)params;
    struct dm_counts *counts = decision != NULL ? decision : dm_counts_new(in);
    g_autofree uint16_t *luma = g_new(uint16_t, (size_t)in->Xsize);
    for (int y = 0; y < in->Ysize; y++) {
        dm_image_luma(in, y, luma);
        dm_histogram_u16(luma, (size_t)in->Xsize, 1, counts->bins);
    }
    counts->total += (uint64_t)in->Xsize * (uint64_t)in->Ysize;
    return counts;
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    (void)params;
    const struct dm_counts *counts = decision;
    int max = dm_image_max(in);
    uint16_t *table = dm_node_alloc(in, ((size_t)max + 1) * sizeof(*table));
    dm_histogram_equalize(counts->bins, max, counts->total, table);
    return dm_node_relight(in, look_up, table, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_decide_alone(look, apply_decided, in, params, ret_out, error);
}

const struct dm_op dm_op_equalize = {
    .info =
        {
            .name = "equalize",
            .aliases = "equalise histogram-equalization equalize-histogram",
            .summary = "Spreads the brightness evenly (histogram equalization)",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .group = "tone",
            .example = "equalize",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
};
