// SPDX-License-Identifier: MIT
//
// clahe: local contrast: cv2.createCLAHE(limit, (tiles, tiles)) of a gray picture, of the Y of
// cv2.cvtColor BGR2YCrCb in a coloured one. 16 bits as the 8 that they would be, with levels
// between. Alpha kept. Kernel: ../kernels/clahe.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/clahe.h"
#include "mpi_worker/kernels/histogram.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/relight.h"

struct clahe {
    double limit;
    int tiles;
};

static const struct dm_param params_table[] = {
    {
        .name = "limit",
        .type = DM_PARAM_NUMBER,
        .forms = "N",
        .min = 0,
        .max = 100,
        .default_text = "2",
        .unit = "",
        .doc = "how far contrast may rise; 0 for no limit",
        .offset = offsetof(struct clahe, limit),
    },
    {
        .name = "tiles",
        .type = DM_PARAM_INT,
        .forms = "N",
        .min = 1,
        .max = DM_CLAHE_MAX_TILES,
        .default_text = "8",
        .unit = "",
        .doc = "into how many parts the picture is cut, across and down",
        .offset = offsetof(struct clahe, tiles),
    },
};

/** A picture in memory whose tables are being made. */
struct work {
    VipsImage *image;
    const struct dm_clahe *clahe;
    uint32_t *bins; // for the tiles of one row of tiles
    uint16_t *luma; // one row of the picture
};

/** Count one row of the extended picture into the tiles that it crosses. */
static void count_row(const struct work *work, int y) {
    const struct dm_clahe *clahe = work->clahe;
    int width = work->image->Xsize;
    dm_image_luma(work->image, dm_clahe_source(y, work->image->Ysize), work->luma);
    for (int tile = 0; tile < clahe->tiles; tile++) {
        uint32_t *bins = work->bins + (size_t)tile * ((size_t)clahe->max + 1);
        int left = tile * clahe->tile_width;
        int end = left + clahe->tile_width;
        if (left < width) {
            dm_histogram_u16(work->luma + left, (size_t)(MIN(end, width) - left), 1, bins);
        }
        for (int x = MAX(left, width); x < end; x++) {
            bins[work->luma[dm_clahe_source(x, width)]]++;
        }
    }
}

static void make_tables(const struct work *work, double limit, uint16_t *tables) {
    const struct dm_clahe *clahe = work->clahe;
    size_t size = (size_t)clahe->max + 1;
    size_t tiles = (size_t)clahe->tiles;
    for (int tile_y = 0; tile_y < clahe->tiles; tile_y++) {
        memset(work->bins, 0, tiles * size * sizeof(*work->bins));
        for (int y = 0; y < clahe->tile_height; y++) {
            count_row(work, tile_y * clahe->tile_height + y);
        }
        for (size_t tile = 0; tile < tiles; tile++) {
            dm_clahe_table(clahe, limit, work->bins + tile * size,
                           tables + ((size_t)tile_y * tiles + tile) * size);
        }
    }
}

/** The tiles and tables of @image, which lies in memory and owns them. */
static struct dm_clahe *new_clahe(VipsImage *image, const struct clahe *p) {
    struct dm_clahe *clahe = dm_node_alloc(image, sizeof(*clahe));
    dm_clahe_init(clahe, p->tiles, dm_image_max(image), image->Xsize, image->Ysize);
    size_t size = (size_t)clahe->max + 1;
    size_t tiles = (size_t)clahe->tiles;
    uint16_t *tables = dm_node_alloc(image, tiles * tiles * size * sizeof(*tables));
    g_autofree uint32_t *bins = g_new(uint32_t, tiles * size);
    g_autofree uint16_t *luma = g_new(uint16_t, (size_t)image->Xsize);
    make_tables(&(struct work){image, clahe, bins, luma}, p->limit, tables);
    clahe->tables = tables;
    if (clahe->max == 255) {
        uint32_t *quads = dm_node_alloc(image, (size_t)dm_clahe_quad_count(clahe) * sizeof(*quads));
        dm_clahe_pack(clahe, quads);
        clahe->quads = quads;
    }
    return clahe;
}

static void run(const void *params, int left, int y, int width, uint16_t *luma) {
    dm_clahe_row(params, left, y, width, luma);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    g_autoptr(VipsImage) memory = NULL;
    return dm_node_memory(in, &memory, error) &&
           dm_node_relight(memory, run, new_clahe(memory, params), ret_out, error);
}

const struct dm_op dm_op_clahe = {
    .info =
        {
            .name = "clahe",
            .aliases = "local-contrast adaptive-equalize",
            .summary = "Brings out detail in light and shade (adaptive equalization)",
            .flags = DM_OP_KEEPS_SIZE | DM_OP_RANDOM_ACCESS,
            .params = params_table,
            .param_count = G_N_ELEMENTS(params_table),
            .group = "tone",
            .example = "clahe-2-8",
        },
    .params_size = sizeof(struct clahe),
    .promises = DM_PROMISE_KEEPS_ALPHA,
    .samples = "clahe clahe-0-3 clahe-40-16",
    .apply = apply,
};
