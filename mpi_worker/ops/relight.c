// SPDX-License-Identifier: MIT
//
// See relight.h. Kernel: ../kernels/luma.c.
#include "mpi_worker/ops/relight.h"

#include "mpi_worker/kernels/luma.h"
#include "mpi_worker/ops/node.h"

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

static void put_gray(const struct dm_row *row, const uint16_t *luma) {
    int bands = row->in->Bands;
    const uint8_t *from = row->from;
    const uint16_t *wide_from = row->from;
    uint8_t *to = row->to;
    uint16_t *wide_to = row->to;
    bool wide = dm_image_wide(row->in);
    for (int x = 0; x < row->width * bands; x++) {
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

static void put_luma(const struct dm_row *row, const uint16_t *luma) {
    if (dm_image_colours(row->in) == 1) {
        put_gray(row, luma);
    } else if (dm_image_wide(row->in)) {
        dm_relight_u16(row->from, luma, row->width, row->in->Bands, row->to);
    } else {
        dm_relight_u8(row->from, luma, row->width, row->in->Bands, row->to);
    }
}

static void run(const struct dm_row *row, const void *params) {
    const struct relight *relight = params;
    size_t pixel = dm_image_row_size(row->in) / (size_t)row->in->Xsize;
    uint16_t luma[DM_RELIGHT_CHUNK];

    for (int x = 0; x < row->width; x += DM_RELIGHT_CHUNK) {
        struct dm_row chunk = *row;
        chunk.from = (const char *)row->from + (size_t)x * pixel;
        chunk.to = (char *)row->to + (size_t)x * pixel;
        chunk.left = row->left + x;
        chunk.width = MIN(row->width - x, DM_RELIGHT_CHUNK);
        get_luma(row->in, chunk.from, chunk.width, luma);
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
        .params_size = sizeof relight,
    };
    return dm_node_rows(in, &node, ret_out, error);
}

void dm_image_luma(VipsImage *image, int y, uint16_t *luma) {
    get_luma(image, dm_image_row(image, y), image->Xsize, luma);
}
