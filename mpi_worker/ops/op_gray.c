// SPDX-License-Identifier: MIT
//
// gray: BT.601 luma in integers, cv2.cvtColor(BGR2GRAY). 8 and 16 bits, alpha kept; a gray picture
// stays as it is. Kernel: ../kernels/gray.c.
#include "mpi_worker/ops/gray.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/gray.h"
#include "mpi_worker/ops/op.h"

static void run(const struct dm_span *span, const void *params) {
    (void)params;
    if (dm_image_wide(span->in)) {
        dm_gray_u16(span->from, span->to, span->width, dm_image_alpha(span->in));
    } else {
        dm_gray_u8(span->from, span->to, span->width, dm_image_alpha(span->in));
    }
}

bool dm_gray(VipsImage *in, VipsImage **ret_out, GError **error) {
    if (dm_image_colours(in) == 1) {
        *ret_out = g_object_ref(in);
        return true;
    }
    struct dm_rows_node node = {
        .shape = {.bands = in->Bands - 2, .reformat = true, .format = in->BandFmt},
        .run = run,
    };
    return dm_node_rows(in, &node, ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    (void)params;
    return dm_gray(in, ret_out, error);
}

const struct dm_op dm_op_gray = {
    .info =
        {
            .name = "gray",
            .aliases = "grayscale greyscale grey bw mono monochrome b-and-w black-and-white",
            .summary = "Takes the colour away",
            .flags = DM_OP_KEEPS_SIZE,
            .group = "tone",
            .example = "gray",
        },
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MAKES_GRAY | DM_PROMISE_TWICE_IS_ONCE |
                DM_PROMISE_MIRRORS,
    .apply = apply,
};
