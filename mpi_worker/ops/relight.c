// SPDX-License-Identifier: MIT
//
// See relight.h. Kernel: ../kernels/luma.c.
#include "mpi_worker/ops/relight.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/luma.h"

/** What the rows node copies. */
struct relight {
    dm_relight_fn *run;
    const void *params;
};

/** The colour samples of a gray picture are its luma. */
static void get_gray(const VipsImage *in, const void *from, int width, uint16_t *luma) {
    const uint8_t *narrow = from;
    const uint16_t *wide = from;
    for (int x = 0; x < width; x++) {
        luma[x] = dm_image_wide(in) ? wide[x * in->Bands] : narrow[x * in->Bands];
    }
}

static void put_gray(const struct dm_span *span, const uint16_t *luma) {
    int bands = span->in->Bands;
    const uint8_t *from = span->from;
    const uint16_t *wide_from = span->from;
    uint8_t *to = span->to;
    uint16_t *wide_to = span->to;
    bool wide = dm_image_wide(span->in);
    for (int x = 0; x < span->width * bands; x++) {
        bool colour = x % bands == 0;
        if (wide) {
            wide_to[x] = colour ? luma[x / bands] : wide_from[x];
        } else {
            to[x] = colour ? (uint8_t)luma[x / bands] : from[x];
        }
    }
}

static void get_luma(const VipsImage *in, const void *from, int width, uint16_t *luma) {
    if (dm_image_colours(in) == 1) {
        get_gray(in, from, width, luma);
    } else if (dm_image_wide(in)) {
        dm_luma_u16(from, width, in->Bands, luma);
    } else {
        dm_luma_u8(from, width, in->Bands, luma);
    }
}

static void put_luma(const struct dm_span *span, const uint16_t *luma) {
    if (dm_image_colours(span->in) == 1) {
        put_gray(span, luma);
    } else if (dm_image_wide(span->in)) {
        dm_relight_u16(span->from, luma, span->width, span->in->Bands, span->to);
    } else {
        dm_relight_u8(span->from, luma, span->width, span->in->Bands, span->to);
    }
}

static void run(const struct dm_span *span, const void *params) {
    const struct relight *relight = params;
    size_t pixel = dm_image_row_size(span->in) / (size_t)span->in->Xsize;
    uint16_t luma[DM_RELIGHT_CHUNK];

    for (int x = 0; x < span->width; x += DM_RELIGHT_CHUNK) {
        struct dm_span chunk = *span;
        chunk.from = (const char *)span->from + (size_t)x * pixel;
        chunk.to = (char *)span->to + (size_t)x * pixel;
        chunk.left = span->left + x;
        chunk.width = MIN(span->width - x, DM_RELIGHT_CHUNK);
        get_luma(span->in, chunk.from, chunk.width, luma);
        relight->run(relight->params, chunk.left, chunk.y, chunk.width, luma);
        put_luma(&chunk, luma);
    }
}

bool dm_node_relight(VipsImage *in, dm_relight_fn *function, const void *params,
                     VipsImage **ret_out, GError **error) {
    struct relight relight = {function, params};
    struct dm_rows_node node = {
        .run = run,
        .params = &relight,
        .params_size = sizeof(relight),
    };
    return dm_node_rows(in, &node, ret_out, error);
}

void dm_image_luma(VipsImage *image, int y, uint16_t *luma) {
    get_luma(image, dm_image_row(image, y), image->Xsize, luma);
}
