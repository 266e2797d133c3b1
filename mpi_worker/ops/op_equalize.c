// SPDX-License-Identifier: MIT
//
// equalize: spreads the brightness evenly: cv2.equalizeHist of a gray picture, of the Y of
// cv2.cvtColor BGR2YCrCb in a coloured one. 16 bits by a histogram of 65536. Alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/histogram.h"
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

/** The table for @image, which lies in memory and owns it. */
static uint16_t *new_table(VipsImage *image) {
    size_t size = (size_t)dm_image_max(image) + 1;
    g_autofree uint32_t *bins = g_new0(uint32_t, size);
    g_autofree uint16_t *luma = g_new(uint16_t, (size_t)image->Xsize);
    for (int y = 0; y < image->Ysize; y++) {
        dm_image_luma(image, y, luma);
        dm_histogram_u16(luma, (size_t)image->Xsize, 1, bins);
    }
    uint16_t *table = dm_node_alloc(image, size * sizeof(*table));
    dm_histogram_equalize(bins, dm_image_max(image),
                          (uint64_t)image->Xsize * (uint64_t)image->Ysize, table);
    return table;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    g_autoptr(VipsImage) memory = NULL;
    return dm_node_memory(in, &memory, error) &&
           dm_node_relight(memory, look_up, new_table(memory), ret_out, error);
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
};
