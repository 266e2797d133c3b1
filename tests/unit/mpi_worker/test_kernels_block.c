// SPDX-License-Identifier: MIT
//
// Averages of blocks against their definition, pixel by pixel.
#include "mpi_worker/kernels/block.h"
#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>

/** The sum of one band over the block of pixel (@x, @y), weighed by alpha or not. */
static double sum_at(const struct picture *p, int side, int x, int y, int band, bool weighed) {
    double sum = 0;
    for (int v = y / side * side; v < MIN((y / side + 1) * side, p->height); v++) {
        for (int u = x / side * side; u < MIN((x / side + 1) * side, p->width); u++) {
            const uint16_t *pixel = p->samples + (v * p->width + u) * p->bands;
            sum += (band < 0 ? 1 : pixel[band]) * (weighed ? pixel[p->bands - 1] : 1.);
        }
    }
    return sum;
}

static int expected(const struct picture *p, int side, int x, int y, int band) {
    bool alpha = p->bands == 2 || p->bands == 4;
    bool weighed = alpha && band != p->bands - 1 && sum_at(p, side, x, y, -1, true) > 0;
    double mean = sum_at(p, side, x, y, band, weighed) / sum_at(p, side, x, y, -1, weighed);
    return (int)floor(mean + 0.5);
}

/** One row of @p as the kernel's samples; (transfer full). */
static void *row_of(const struct picture *p, int y) {
    void *row = g_malloc_n((size_t)(p->width * p->bands), 2);
    for (int i = 0; i < p->width * p->bands; i++) {
        put(row, p->max, (size_t)i, p->samples[y * p->width * p->bands + i]);
    }
    return row;
}

static void average(const struct dm_blocks *blocks, const struct picture *p, int top, int bottom,
                    uint64_t *sums, void *averages) {
    for (int y = top; y < bottom; y++) {
        g_autofree void *row = row_of(p, y);
        if (p->max == 255) {
            dm_block_add_u8(blocks, row, sums);
        } else {
            dm_block_add_u16(blocks, row, sums);
        }
    }
    if (p->max == 255) {
        dm_block_average_u8(blocks, sums, bottom - top, averages);
    } else {
        dm_block_average_u16(blocks, sums, bottom - top, averages);
    }
}

/** Columns from @left on of what the block row at @top was made into. */
static void check_row(const struct dm_blocks *blocks, const struct picture *p, int top, int left,
                      const void *averages) {
    g_autofree uint16_t *out = g_new0(uint16_t, (p->width - left) * p->bands);
    if (p->max == 255) {
        dm_block_fill_u8(blocks, averages, left, p->width - left, (uint8_t *)out);
    } else {
        dm_block_fill_u16(blocks, averages, left, p->width - left, out);
    }
    for (int i = 0; i < (p->width - left) * p->bands; i++) {
        int got = p->max == 255 ? ((uint8_t *)out)[i] : out[i];
        int want = expected(p, blocks->side, left + i / p->bands, top, i % p->bands);
        if (got != want) {
            g_error("side %d, %d bands: %d at %d,%d is %d, expected %d", blocks->side, p->bands, i,
                    left, top, got, want);
        }
    }
}

static void check(int bands, int max, int levels, int side) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        struct picture p = picture_new(shapes[i].width, shapes[i].height, bands, max, levels);
        struct dm_blocks blocks = {p.width, bands, bands == 2 || bands == 4, side};
        g_autofree uint64_t *sums = g_new0(uint64_t, dm_block_sums(&blocks));
        g_autofree uint16_t *averages = g_new0(uint16_t, dm_block_averages(&blocks));
        for (int top = 0; top < p.height; top += side) {
            average(&blocks, &p, top, MIN(top + side, p.height), sums, averages);
            check_row(&blocks, &p, top, 0, averages);
            check_row(&blocks, &p, top, p.width / 3, averages);
        }
        g_free(p.samples);
    }
}

static void test_blocks(void) {
    for (int bands = 1; bands <= 4; bands++) {
        for (int side = 1; side <= 40; side += 1 + side / 2) {
            check(bands, 255, 256, side);
            check(bands, 65535, 65536, side);
            check(bands, 255, 2, side); // much is transparent
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/block/blocks", test_blocks);
    return g_test_run();
}
