// SPDX-License-Identifier: MIT
//
// enhance: stretches contrast over all colour channels together, the darkest sample to 0, the
// brightest to 255: cv2.convertScaleAbs with alpha = 255 / (max - min), beta = -255 min / (max -
// min). A picture of one value stays as it is. 16 bits stay, alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/range.h"
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/ops/decision.h"
#include "mpi_worker/ops/op.h"

static void *look(VipsImage *in, const void *params, void *decision) {
    (void)params;
    struct dm_range *range = decision;
    if (range == NULL) {
        range = g_new(struct dm_range, 1);
        *range = (struct dm_range){65535, 0};
    }
    for (int y = 0; y < in->Ysize; y++) {
        if (dm_image_wide(in)) {
            dm_range_u16(dm_image_row(in, y), in->Xsize, in->Bands, dm_image_alpha(in), range);
        } else {
            dm_range_u8(dm_image_row(in, y), in->Xsize, in->Bands, dm_image_alpha(in), range);
        }
    }
    return range;
}

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    (void)params;
    const struct dm_range *range = decision;
    int max = dm_image_max(in);
    if (range->low == range->high) {
        *ret_out = g_object_ref(in);
        return true;
    }
    double span = range->high - range->low;
    g_autofree uint16_t *table = g_new(uint16_t, (size_t)max + 1);
    dm_table_scale(table, max, max / span, -(double)max * range->low / span);
    return dm_node_table(in, table, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_decide_alone(look, apply_decided, in, params, ret_out, error);
}

const struct dm_op dm_op_enhance = {
    .info =
        {
            .name = "enhance",
            .aliases = "image-enhancement enhancement contrast-stretch contrast-stretching",
            .summary = "Stretches the contrast to the full range",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .group = "tone",
            .example = "enhance",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_TWICE_IS_ONCE | DM_PROMISE_MIRRORS,
    .apply = apply,
    .look = look,
    .apply_decided = apply_decided,
};
