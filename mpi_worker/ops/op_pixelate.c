// SPDX-License-Identifier: MIT
//
// pixelate: squares of one colour, the average of what was there, from the left top corner on; at
// the right and bottom edges they are cut. Colours are weighed by alpha. 16 bits stay. Streams:
// each row of blocks is taken in once, from the top, in strips.
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"
#include "mpi_worker/kernels/block.h"
#include "mpi_worker/ops/op.h"

struct pixelate {
    int side;
};

static const struct dm_param params_table[] = {
    {
        .name = "size",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 2,
        .max = DM_BLOCK_MAX_PX,
        .default_text = "16",
        .unit = "px",
        .doc = "side of a square",
        .offset = offsetof(struct pixelate, side),
    },
};

/** One walk over the output: vips calls this a sequence. */
struct mosaic {
    VipsRegion *from;
    struct dm_blocks blocks;
    int held; // number of the row of blocks whose averages are at hand, or -1
    uint64_t *sums;
    void *averages;
};

static int stop(void *sequence, void *a, void *b) {
    (void)a;
    (void)b;
    struct mosaic *mosaic = sequence;
    g_clear_object(&mosaic->from);
    g_free(mosaic->sums);
    g_free(mosaic->averages);
    g_free(mosaic);
    return 0;
}

static void *start(VipsImage *out, void *a, void *b) {
    (void)out;
    VipsImage *in = a;
    const int *side = b;
    struct mosaic *mosaic = g_new0(struct mosaic, 1);
    mosaic->from = vips_region_new(in);
    mosaic->blocks = (struct dm_blocks){in->Xsize, in->Bands, dm_image_alpha(in), *side};
    mosaic->held = -1;
    mosaic->sums = g_new0(uint64_t, dm_block_sums(&mosaic->blocks));
    mosaic->averages = g_new0(uint16_t, dm_block_averages(&mosaic->blocks));
    return mosaic;
}

static void add_rows(struct mosaic *mosaic, int top, int bottom) {
    for (int y = top; y < bottom; y++) {
        const void *row = dm_region_at(mosaic->from, 0, y);
        if (dm_image_wide(mosaic->from->im)) {
            dm_block_add_u16(&mosaic->blocks, row, mosaic->sums);
        } else {
            dm_block_add_u8(&mosaic->blocks, row, mosaic->sums);
        }
    }
}

/** Have the averages of row @number of blocks. */
static bool hold(struct mosaic *mosaic, int number) {
    const VipsImage *in = mosaic->from->im;
    int top = number * mosaic->blocks.side;
    int bottom = MIN(top + mosaic->blocks.side, in->Ysize);
    if (mosaic->held == number) {
        return true;
    }
    memset(mosaic->sums, 0, dm_block_sums(&mosaic->blocks) * sizeof(*mosaic->sums));
    mosaic->held = -1;
    for (int y = top; y < bottom; y += DM_STRIP_ROWS) {
        VipsRect strip = {0, y, in->Xsize, MIN(DM_STRIP_ROWS, bottom - y)};
        if (vips_region_prepare(mosaic->from, &strip) != 0) {
            return false;
        }
        add_rows(mosaic, y, y + strip.height);
    }
    if (dm_image_wide(in)) {
        dm_block_average_u16(&mosaic->blocks, mosaic->sums, bottom - top, mosaic->averages);
    } else {
        dm_block_average_u8(&mosaic->blocks, mosaic->sums, bottom - top, mosaic->averages);
    }
    mosaic->held = number;
    return true;
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *interrupt) {
    (void)b;
    (void)interrupt;
    struct mosaic *mosaic = sequence;
    const VipsRect *r = &out->valid;

    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        void *to = dm_region_at(out, r->left, y);
        if (!hold(mosaic, y / mosaic->blocks.side)) {
            return -1;
        }
        if (dm_image_wide(a)) {
            dm_block_fill_u16(&mosaic->blocks, mosaic->averages, r->left, r->width, to);
        } else {
            dm_block_fill_u8(&mosaic->blocks, mosaic->averages, r->left, r->width, to);
        }
    }
    return 0;
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    const struct pixelate *p = params;
    VipsImage *out = dm_node_new(in, &(struct dm_node_shape){0});
    if (out == NULL) {
        return dm_vips_fail(error, "pixelate");
    }
    int *side = dm_node_alloc(out, sizeof(*side));
    *side = p->side;
    int status = vips_image_generate(out, start, generate, stop, in, side);
    return dm_node_finish(out, status, ret_out, error);
}

const struct dm_op dm_op_pixelate = {
    .info =
        {
            .name = "pixelate",
            .aliases = "pixelize pixellate pixelated pixelation mosaic",
            .summary = "Makes large squares of one colour",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_GEOMETRY,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "detail",
            .example = "pixelate-16",
        },
    .params_size = sizeof(struct pixelate),
    .promises = DM_PROMISE_KEEPS_FLAT | DM_PROMISE_TWICE_IS_ONCE,
    .samples = "pixelate pixelate-2 pixelate-7 pixelate-100",
    .apply = apply,
};
