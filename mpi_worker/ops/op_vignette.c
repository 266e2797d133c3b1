// SPDX-License-Identifier: MIT
//
// vignette: darkens towards the corners, which lose `percent` of their value, in the encoded
// values; the curve is in ../kernels/vignette.h. 8 and 16 bits, gray and RGB, alpha kept.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/vignette.h"
#include "mpi_worker/ops/op.h"

enum { PIECE_PX = 512 };

struct vignette {
    double percent;
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
        .doc = "how much darker the corners become; 100 is black",
        .offset = offsetof(struct vignette, percent),
    },
};

static void run_piece(const struct dm_span *span, int begin, const struct dm_vignette *vignette) {
    uint32_t gains[PIECE_PX];
    int width = MIN(PIECE_PX, span->width - begin);
    int bands = span->in->Bands;
    ptrdiff_t at = (ptrdiff_t)begin * bands;
    dm_vignette_gains(vignette, span->left + begin, span->y, width, gains);
    if (dm_image_wide(span->in)) {
        dm_vignette_u16((const uint16_t *)span->from + at, (uint16_t *)span->to + at, width, bands,
                        dm_image_colours(span->in), gains);
    } else {
        dm_vignette_u8((const uint8_t *)span->from + at, (uint8_t *)span->to + at, width, bands,
                       dm_image_colours(span->in), gains);
    }
}

static void run(const struct dm_span *span, const void *params) {
    for (int begin = 0; begin < span->width; begin += PIECE_PX) {
        run_piece(span, begin, params);
    }
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct vignette *p = params;
    struct dm_vignette vignette = {in->Xsize, in->Ysize, (float)(p->percent / 100)};
    struct dm_rows_node node = {.run = run, .params = &vignette, .params_size = sizeof(vignette)};
    return dm_node_rows(in, &node, ret_out, error);
}

const struct dm_op dm_op_vignette = {
    .info =
        {
            .name = "vignette",
            .aliases = "vignetting",
            .summary = "Darkens the corners",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_PLACED,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "colour",
            .example = "vignette-30",
        },
    .params_size = sizeof(struct vignette),
    .promises = DM_PROMISE_KEEPS_ALPHA | DM_PROMISE_MIRRORS,
    .samples = "vignette vignette-100",
    .apply = apply,
};
