// SPDX-License-Identifier: MIT
//
// clahe: local contrast: cv2.createCLAHE(limit, (tiles, tiles)) of a gray picture, of the Y of
// cv2.cvtColor BGR2YCrCb in a coloured one. 16 bits as the 8 that they would be, with levels
// between. Alpha kept. Kernel: ../kernels/clahe.c.
#include "mpi_worker/image/node.h"
#include "mpi_worker/kernels/clahe.h"
#include "mpi_worker/kernels/histogram.h"
#include "mpi_worker/ops/decision.h"
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

/** Count one row of the extended picture into the tiles that it crosses. */
static void count_row(VipsImage *image, const struct dm_clahe *clahe, int y, uint16_t *luma,
                      uint32_t *all_bins) {
    int width = image->Xsize;
    dm_image_luma(image, dm_clahe_source(y, image->Ysize), luma);
    for (int tile = 0; tile < clahe->tiles; tile++) {
        uint32_t *bins = all_bins + (size_t)tile * ((size_t)clahe->max + 1);
        int left = tile * clahe->tile_width;
        int end = left + clahe->tile_width;
        if (left < width) {
            dm_histogram_u16(luma + left, (size_t)(MIN(end, width) - left), 1, bins);
        }
        for (int x = MAX(left, width); x < end; x++) {
            bins[luma[dm_clahe_source(x, width)]]++;
        }
    }
}

/** Counts of each tile, row by row of tiles; of several pictures their mean. */
struct counts {
    uint64_t pictures;
    uint32_t bins[];
};

static size_t bins_of_row(const struct dm_clahe *clahe) {
    return (size_t)clahe->tiles * ((size_t)clahe->max + 1);
}

static void *look(VipsImage *in, const void *params, void *decision) {
    const struct clahe *p = params;
    struct dm_clahe clahe;
    dm_clahe_init(&clahe, p->tiles, dm_image_max(in), in->Xsize, in->Ysize);
    size_t row = bins_of_row(&clahe);
    struct counts *counts = decision;
    if (counts == NULL) {
        counts = g_malloc0(sizeof(*counts) + row * (size_t)p->tiles * sizeof(uint32_t));
    }
    g_autofree uint16_t *luma = g_new(uint16_t, (size_t)in->Xsize);
    for (int y = 0; y < clahe.tile_height * clahe.tiles; y++) {
        size_t tile_y = (size_t)(y / clahe.tile_height);
        count_row(in, &clahe, y, luma, counts->bins + tile_y * row);
    }
    counts->pictures++;
    return counts;
}

static void make_tables(const struct dm_clahe *clahe, double limit, const struct counts *counts,
                        uint16_t *tables) {
    size_t size = (size_t)clahe->max + 1, tiles = (size_t)clahe->tiles * (size_t)clahe->tiles;
    g_autofree uint32_t *bins = g_new(uint32_t, size);
    for (size_t tile = 0; tile < tiles; tile++) {
        for (size_t i = 0; i < size; i++) {
            bins[i] = (uint32_t)(counts->bins[tile * size + i] / counts->pictures);
        }
        dm_clahe_table(clahe, limit, bins, tables + tile * size);
    }
}

/** The tiles and tables of @image, which owns them. */
static struct dm_clahe *new_clahe(VipsImage *image, const struct clahe *p,
                                  const struct counts *counts) {
    struct dm_clahe *clahe = dm_node_alloc(image, sizeof(*clahe));
    dm_clahe_init(clahe, p->tiles, dm_image_max(image), image->Xsize, image->Ysize);
    size_t size = (size_t)clahe->max + 1;
    size_t tiles = (size_t)clahe->tiles;
    uint16_t *tables = dm_node_alloc(image, tiles * tiles * size * sizeof(*tables));
    make_tables(clahe, p->limit, counts, tables);
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

static bool apply_decided(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error) {
    return dm_node_relight(in, run, new_clahe(in, params, decision), ret_out, error);
}

static bool apply(VipsImage *in, const void *params, VipsImage **ret_out, GError **error) {
    return dm_decide_alone(look, apply_decided, in, params, ret_out, error);
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
    .look = look,
    .apply_decided = apply_decided,
};
