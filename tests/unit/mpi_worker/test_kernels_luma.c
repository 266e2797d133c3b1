// SPDX-License-Identifier: MIT
//
// Luma, histograms and CLAHE: against plain loops, also in 16 bits and with alpha, where
// tests/fidelity does not look. What cv2 says of 8-bit pictures is compared there.
#include "mpi_worker/kernels/clahe.h"
#include "mpi_worker/kernels/histogram.h"
#include "mpi_worker/kernels/luma.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 77 };

// ---- luma

/** v / 2^14, rounded half up. */
static int descale(double v) {
    return (int)floor(v / 16384 + 0.5);
}

static void plain_relight(const int rgb[3], int y, int max, int out[3]) {
    int zero = max / 2 + 1;
    int old = descale(4899.0 * rgb[0] + 9617.0 * rgb[1] + 1868.0 * rgb[2]);
    int cr = CLAMP(descale(11682.0 * (rgb[0] - old)) + zero, 0, max) - zero;
    int cb = CLAMP(descale(9241.0 * (rgb[2] - old)) + zero, 0, max) - zero;
    out[0] = CLAMP(y + descale(22987.0 * cr), 0, max);
    out[1] = CLAMP(y + descale(-11698.0 * cr - 5636.0 * cb), 0, max);
    out[2] = CLAMP(y + descale(29049.0 * cb), 0, max);
}

static void check_luma(int bands, int max) {
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)bands);
    uint8_t narrow[4 * WIDTH], narrow_out[4 * WIDTH];
    uint16_t wide[4 * WIDTH], wide_out[4 * WIDTH], luma[WIDTH];
    for (int i = 0; i < bands * WIDTH; i++) {
        // Pure colours come to the ends of the range on the way.
        int v = i < bands * 16 ? max * (i / bands >> i % bands & 1)
                               : g_rand_int_range(rand, 0, max + 1);
        narrow[i] = (uint8_t)v;
        wide[i] = (uint16_t)v;
    }
    if (max == 255) {
        dm_luma_u8(narrow, WIDTH, bands, luma);
    } else {
        dm_luma_u16(wide, WIDTH, bands, luma);
    }
    for (int x = 0; x < WIDTH; x++) {
        const uint16_t *pixel = wide + x * bands;
        g_assert_cmpint(luma[x], ==,
                        descale(4899.0 * pixel[0] + 9617.0 * pixel[1] + 1868.0 * pixel[2]));
        luma[x] = (uint16_t)g_rand_int_range(rand, 0, max + 1);
    }
    if (max == 255) {
        dm_relight_u8(narrow, luma, WIDTH, bands, narrow_out);
    } else {
        dm_relight_u16(wide, luma, WIDTH, bands, wide_out);
    }
    for (int i = 0; i < bands * WIDTH; i++) {
        const uint16_t *pixel = wide + i / bands * bands;
        int want[4] = {0, 0, 0, bands == 4 ? pixel[3] : 0};
        plain_relight((int[3]){pixel[0], pixel[1], pixel[2]}, luma[i / bands], max, want);
        g_assert_cmpint(max == 255 ? narrow_out[i] : wide_out[i], ==, want[i % bands]);
    }
}

static void test_luma(void) {
    check_luma(3, 255);
    check_luma(4, 255);
    check_luma(3, 65535);
    check_luma(4, 65535);
}

// ---- histograms

static void test_histogram(void) {
    uint8_t narrow[23];
    uint16_t wide[23];
    uint32_t plain[256] = {0}, bins[256] = {0};
    g_autofree uint32_t *wide_bins = g_new0(uint32_t, 65536);
    for (int i = 0; i < 23; i++) {
        narrow[i] = (uint8_t)(i * i % 5 * 60);
        wide[i] = (uint16_t)(narrow[i] * 257);
    }
    for (int i = 0; i < 23; i += 3) {
        plain[narrow[i]] += 2;
    }
    for (int twice = 0; twice < 2; twice++) { // it adds
        dm_histogram_u8(narrow, 8, 3, bins);
        dm_histogram_u16(wide, 8, 3, wide_bins);
    }
    for (int v = 0; v < 256; v++) {
        g_assert_cmpuint(bins[v], ==, plain[v]);
        g_assert_cmpuint(wide_bins[v * 257], ==, plain[v]);
    }
}

static const struct {
    double share;
    int low, high;
} tails[] = {{0, 10, 250}, {0.009, 10, 250}, {0.01, 20, 250}, {0.03, 20, 200}, {0.4, 100, 100}};

static void test_tails(void) {
    uint32_t bins[256] = {0};
    bins[10] = 1; // of 100
    bins[20] = 9;
    bins[100] = 80;
    bins[200] = 7;
    bins[250] = 3;
    for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
        int low, high;
        dm_histogram_tails(bins, 255, 100, tails[i].share, &low, &high);
        g_assert_cmpint(low, ==, tails[i].low);
        g_assert_cmpint(high, ==, tails[i].high);
    }
}

static void check_equalize(int max) {
    g_autofree uint32_t *bins = g_new0(uint32_t, max + 1);
    g_autofree uint16_t *table = g_new(uint16_t, max + 1);
    bins[5] = 10; // darkest, becomes black
    bins[6] = 30;
    bins[max] = 60;
    dm_histogram_equalize(bins, max, 100, table);
    g_assert_cmpint(table[5], ==, 0);
    g_assert_cmpint(table[6], ==, lrint(max * 30 / 90.0));
    g_assert_cmpint(table[max - 1], ==, table[6]);
    g_assert_cmpint(table[max], ==, max);
    memset(bins, 0, ((size_t)max + 1) * sizeof(*bins));
    bins[77] = 100;
    dm_histogram_equalize(bins, max, 100, table);
    g_assert_cmpint(table[77], ==, 77);
}

static void test_equalize(void) {
    check_equalize(255);
    check_equalize(65535);
}

// ---- CLAHE

static void test_clahe_shape(void) {
    static const struct {
        int tiles, width, height, tile_width, tile_height;
    } cases[] = {
        {8, 800, 600, 100, 75}, {8, 801, 599, 101, 75}, {8, 800, 601, 101, 76}, // both grow
        {1, 7, 5, 7, 5},        {8, 1, 1, 1, 1},        {3, 1, 10, 1, 4},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_clahe clahe;
        dm_clahe_init(&clahe, cases[i].tiles, 255, cases[i].width, cases[i].height);
        g_assert_cmpint(clahe.tile_width, ==, cases[i].tile_width);
        g_assert_cmpint(clahe.tile_height, ==, cases[i].tile_height);
    }
    static const int reflected[] = {0, 1, 2, 1, 0, 1, 2, 1, 0};
    for (int v = 0; v < 9; v++) {
        g_assert_cmpint(dm_clahe_source(v, 3), ==, reflected[v]);
        g_assert_cmpint(dm_clahe_source(v, 1), ==, 0);
    }
}

/** What is over the limit goes to all bins alike, and the rest to some at equal steps. */
static void test_clahe_table(void) {
    const struct dm_clahe clahe = {.tiles = 1, .tile_width = 40, .tile_height = 40, .max = 255};
    uint32_t bins[256] = {0};
    uint16_t table[256];
    bins[100] = 1600;
    dm_clahe_table(&clahe, 2, bins, table); // at most 12: 1588 = 6 * 256 + 52, each fourth gets one
    for (int v = 0; v < 256; v++) {
        int extra = v / 4 + 1 < 52 ? v / 4 + 1 : 52;
        int sum = 6 * (v + 1) + extra + (v >= 100 ? 12 : 0);
        g_assert_cmpint(table[v], ==, lrint(sum * 255 / 1600.0));
    }
    memset(bins, 0, sizeof(bins));
    bins[100] = 1600;
    dm_clahe_table(&clahe, 0, bins, table); // no limit
    g_assert_cmpint(table[99], ==, 0);
    g_assert_cmpint(table[100], ==, 255);
}

enum { TILES = 3, SIDE = 20 };

/** The mean of the four tables around a pixel, each found anew. */
/** 16 bits look like 8: a value that both can hold goes to the same level, but for its rounding. */
static void test_clahe_wide(void) {
    const struct dm_clahe narrow = {.tiles = 1, .tile_width = 64, .tile_height = 64, .max = 255};
    const struct dm_clahe wide = {.tiles = 1, .tile_width = 64, .tile_height = 64, .max = 65535};
    uint32_t bins[256] = {0};
    g_autofree uint32_t *wide_bins = g_new0(uint32_t, 65536);
    g_autofree uint16_t *wide_table = g_new(uint16_t, 65536);
    uint16_t table[256];
    for (int i = 0; i < 64 * 64; i++) {
        int v = (i * 37 % 120) + (i % 7 == 0 ? 100 : 0);
        bins[v]++;
        wide_bins[v * 257]++;
    }
    dm_clahe_table(&narrow, 2, bins, table);
    dm_clahe_table(&wide, 2, wide_bins, wide_table);
    for (int v = 0; v < 256; v++) {
        g_assert_cmpint(ABS(wide_table[v * 257] - table[v] * 257), <=, 129);
    }
}

static double plain_mix(const struct dm_clahe *clahe, int x, int y, int v) {
    double across = (double)x / clahe->tile_width - 0.5;
    double down = (double)y / clahe->tile_height - 0.5;
    double sum = 0;
    for (int corner = 0; corner < 4; corner++) {
        int tile_x = (int)floor(across) + corner % 2, tile_y = (int)floor(down) + corner / 2;
        double weight = (1 - fabs(across - tile_x)) * (1 - fabs(down - tile_y));
        int tile = CLAMP(tile_y, 0, TILES - 1) * TILES + CLAMP(tile_x, 0, TILES - 1);
        sum += weight * clahe->tables[tile * (clahe->max + 1) + v];
    }
    return sum;
}

/** Any columns of any row, by quads and by tables. */
static void check_clahe_rows(int max) {
    g_autoptr(GRand) rand = g_rand_new_with_seed(9);
    g_autofree uint16_t *tables = g_new(uint16_t, TILES * TILES * (max + 1));
    for (int i = 0; i < TILES * TILES * (max + 1); i++) {
        tables[i] = (uint16_t)g_rand_int_range(rand, 0, max + 1);
    }
    struct dm_clahe clahe;
    dm_clahe_init(&clahe, TILES, max, TILES * SIDE, TILES * SIDE - 2);
    clahe.tables = tables;
    g_autofree uint32_t *quads = g_new(uint32_t, dm_clahe_quad_count(&clahe));
    if (max == 255) {
        dm_clahe_pack(&clahe, quads);
        clahe.quads = quads;
    }
    for (int y = 0; y < TILES * SIDE - 2; y++) {
        int left = y % 17, width = TILES * SIDE - left - y % 5;
        uint16_t luma[TILES * SIDE], own[TILES * SIDE];
        for (int x = 0; x < width; x++) {
            own[x] = luma[x] = (uint16_t)g_rand_int_range(rand, 0, max + 1);
        }
        dm_clahe_row(&clahe, left, y, width, luma);
        for (int x = 0; x < width; x++) {
            double want = plain_mix(&clahe, left + x, y, own[x]);
            g_assert_cmpfloat(fabs(luma[x] - want), <=, 0.5 + 1e-6 * max);
        }
    }
}

static void test_clahe_rows(void) {
    check_clahe_rows(255);
    check_clahe_rows(65535);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/luma/luma", test_luma);
    g_test_add_func("/kernels/luma/histogram", test_histogram);
    g_test_add_func("/kernels/luma/tails", test_tails);
    g_test_add_func("/kernels/luma/equalize", test_equalize);
    g_test_add_func("/kernels/luma/clahe_shape", test_clahe_shape);
    g_test_add_func("/kernels/luma/clahe_table", test_clahe_table);
    g_test_add_func("/kernels/clahe/wide", test_clahe_wide);
    g_test_add_func("/kernels/luma/clahe_rows", test_clahe_rows);
    return g_test_run();
}
