// SPDX-License-Identifier: MIT
//
// Matrices, ramps, tables for each colour, vignettes: each sample type and number of bands against
// the definition in doubles, sample by sample. Rows are long enough for the vector code and end in
// the middle of it.
#include "mpi_worker/kernels/colour.h"
#include "mpi_worker/kernels/gray.h"
#include "mpi_worker/kernels/table.h"
#include "mpi_worker/kernels/vignette.h"

#include <glib.h>
#include <math.h>

enum { WIDTH = 77 };

/** A row in both types: random, but for black and white at its ends. */
struct row {
    int bands, max;
    uint8_t narrow[4 * WIDTH], narrow_out[4 * WIDTH];
    uint16_t wide[4 * WIDTH], wide_out[4 * WIDTH];
};

static void row_init(struct row *row, int bands, int max) {
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)(bands + max));
    *row = (struct row){.bands = bands, .max = max};
    for (int i = 0; i < bands * WIDTH; i++) {
        int v = g_rand_int_range(rand, 0, max + 1);
        v = i < bands ? 0 : i >= bands * (WIDTH - 1) ? max : v;
        row->narrow[i] = (uint8_t)v;
        row->wide[i] = (uint16_t)v;
    }
}

static int in_at(const struct row *row, int x, int band) {
    int i = x * row->bands + band;
    return row->max == 255 ? row->narrow[i] : row->wide[i];
}

static int out_at(const struct row *row, int x, int band) {
    int i = x * row->bands + band;
    return row->max == 255 ? row->narrow_out[i] : row->wide_out[i];
}

/** The result of @band is @exact, rounded and limited, but for @slack; alpha is what it was. */
static void check_at(const struct row *row, int x, int band, double exact, double slack) {
    double want = CLAMP(exact, 0, row->max);
    if (fabs(out_at(row, x, band) - want) > 0.5 + slack) {
        g_error("%d bands up to %d: sample %d,%d is %d, expected %g", row->bands, row->max, x, band,
                out_at(row, x, band), want);
    }
    if (row->bands == 4) {
        g_assert_cmpint(out_at(row, x, 3), ==, in_at(row, x, 3));
    }
}

static const struct { int bands, max; } kinds[] = {{3, 255}, {4, 255}, {3, 65535}, {4, 65535}};

// ---- matrix

static const double swap[3][3] = {{0.125, 1, -0.5}, {0.25, 0.5, 0.25}, {-1, 0.25, 2.5}};

static void check_matrix(struct row *row, double share) {
    struct dm_matrix matrix = dm_matrix_of(swap, share);
    if (row->max == 255) {
        dm_matrix_u8(row->narrow, row->narrow_out, WIDTH, row->bands, &matrix);
    } else {
        dm_matrix_u16(row->wide, row->wide_out, WIDTH, row->bands, &matrix);
    }
    for (int i = 0; i < 3 * WIDTH; i++) {
        int x = i / 3, band = i % 3;
        double sum = (1 - share) * in_at(row, x, band);
        for (int column = 0; column < 3; column++) {
            sum += share * swap[band][column] * in_at(row, x, column);
        }
        // Three weights, each half of 2^-14 off.
        check_at(row, x, band, sum, 1.5 * row->max / 16384);
    }
}

static void test_matrix(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct row row;
        row_init(&row, kinds[i].bands, kinds[i].max);
        check_matrix(&row, 1);
        check_matrix(&row, 0.37);
        check_matrix(&row, 0);
    }
}

// ---- ramp

static int luma_at(const struct row *row, int x) {
    uint8_t luma;
    uint16_t wide_luma;
    if (row->max == 255) {
        dm_gray_u8(row->narrow + x * row->bands, &luma, 1, 0);
        return luma;
    }
    dm_gray_u16(row->wide + x * row->bands, &wide_luma, 1, 0);
    return wide_luma;
}

static void check_ramp(struct row *row, int strength) {
    g_autofree uint16_t *colours = g_new(uint16_t, 3 * (row->max + 1));
    for (int luma = 0; luma <= row->max; luma++) {
        colours[3 * luma] = (uint16_t)(row->max - luma);
        colours[3 * luma + 1] = (uint16_t)(luma / 2);
        colours[3 * luma + 2] = (uint16_t)row->max;
    }
    struct dm_ramp ramp = {strength, colours};
    if (row->max == 255) {
        dm_ramp_u8(row->narrow, row->narrow_out, WIDTH, row->bands, &ramp);
    } else {
        dm_ramp_u16(row->wide, row->wide_out, WIDTH, row->bands, &ramp);
    }
    for (int i = 0; i < 3 * WIDTH; i++) {
        int own = in_at(row, i / 3, i % 3), aim = colours[3 * luma_at(row, i / 3) + i % 3];
        check_at(row, i / 3, i % 3, own + (aim - own) * strength / 16384.0, 0);
    }
}

static void test_ramp(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct row row;
        row_init(&row, kinds[i].bands, kinds[i].max);
        check_ramp(&row, 0);
        check_ramp(&row, 5000);
        check_ramp(&row, 16384);
    }
}

// ---- tables

static void check_tables(struct row *row) {
    int size = row->max + 1;
    g_autofree uint16_t *tables = g_new(uint16_t, 3 * size);
    for (int v = 0; v < size; v++) {
        tables[v] = (uint16_t)v;
        tables[size + v] = (uint16_t)(row->max - v);
        tables[2 * size + v] = (uint16_t)(v / 3);
    }
    if (row->max == 255) {
        dm_table_rgb_u8(row->narrow, row->narrow_out, WIDTH, row->bands, tables);
    } else {
        dm_table_rgb_u16(row->wide, row->wide_out, WIDTH, row->bands, tables);
    }
    for (int x = 0; x < WIDTH; x++) {
        check_at(row, x, 0, in_at(row, x, 0), -0.5);
        check_at(row, x, 1, row->max - in_at(row, x, 1), -0.5);
        int third = in_at(row, x, 2) / 3;
        check_at(row, x, 2, third, -0.5); // whole numbers
    }
}

static void test_tables(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct row row;
        row_init(&row, kinds[i].bands, kinds[i].max);
        check_tables(&row);
    }
    g_assert_cmpint(dm_table_entry(-0.6, 255), ==, 0);
    g_assert_cmpint(dm_table_entry(2.5, 255), ==, 2);
    g_assert_cmpint(dm_table_entry(3.5, 255), ==, 4);
    g_assert_cmpint(dm_table_entry(255.4, 255), ==, 255);
    g_assert_cmpint(dm_table_entry(1e9, 65535), ==, 65535);
}

static void test_gray_to_rgb(void) {
    const uint8_t in[4] = {7, 100, 255, 3};
    const uint16_t wide[4] = {7, 60000, 65535, 3};
    uint8_t out[12];
    uint16_t wide_out[12];
    dm_gray_to_rgb_u8(in, out, 4, 0);
    dm_gray_to_rgb_u16(wide, wide_out, 4, 0);
    for (int i = 0; i < 12; i++) {
        g_assert_cmpint(out[i], ==, in[i / 3]);
        g_assert_cmpint(wide_out[i], ==, wide[i / 3]);
    }
    dm_gray_to_rgb_u8(in, out, 2, 1);
    dm_gray_to_rgb_u16(wide, wide_out, 2, 1);
    for (int i = 0; i < 8; i++) {
        int from = i / 4 * 2 + i % 4 / 3;
        g_assert_cmpint(out[i], ==, in[from]);
        g_assert_cmpint(wide_out[i], ==, wide[from]);
    }
}

// ---- vignette

static double kept_at(const struct dm_vignette *v, int x, int y) {
    double across = x - (v->picture_width - 1) / 2.0, down = y - (v->picture_height - 1) / 2.0;
    double corner = hypot((v->picture_width - 1) / 2.0, (v->picture_height - 1) / 2.0);
    double t = corner > 0 ? pow(hypot(across, down) / corner, 2) : 0;
    return 1 - (double)v->strength * t * t * (3 - 2 * t);
}

static void check_vignette(int bands, int max, int left, int y) {
    const struct dm_vignette vignette = {200, 121, 0.7f};
    uint32_t gains[WIDTH];
    struct row row;
    int colours = bands < 3 ? 1 : 3;
    row_init(&row, bands, max);
    dm_vignette_gains(&vignette, left, y, WIDTH, gains);
    if (max == 255) {
        dm_vignette_u8(row.narrow, row.narrow_out, WIDTH, bands, colours, gains);
    } else {
        dm_vignette_u16(row.wide, row.wide_out, WIDTH, bands, colours, gains);
    }
    for (int i = 0; i < bands * WIDTH; i++) {
        int x = i / bands, band = i % bands;
        double kept = band < colours ? kept_at(&vignette, left + x, y) : 1;
        check_at(&row, x, band, in_at(&row, x, band) * kept, max / 65536.0);
    }
}

static void test_vignette(void) {
    for (int bands = 1; bands <= 4; bands++) {
        check_vignette(bands, 255, 0, 0);
        check_vignette(bands, 65535, 123, 120);
        check_vignette(bands, 255, 60, 60);
    }
}

/** The middle keeps everything, corners lose what they shall, opposite pixels the same. */
static void test_vignette_shape(void) {
    const struct dm_vignette vignette = {101, 51, 1};
    uint32_t top[101], middle[101], bottom[101];
    dm_vignette_gains(&vignette, 0, 0, 101, top);
    dm_vignette_gains(&vignette, 0, 25, 101, middle);
    dm_vignette_gains(&vignette, 0, 50, 101, bottom);
    g_assert_cmpuint(middle[50], ==, 65536);
    g_assert_cmpuint(top[0], ==, 0);
    for (int x = 0; x < 101; x++) {
        g_assert_cmpuint(top[x], ==, bottom[100 - x]);
        g_assert_cmpuint(middle[x], ==, middle[100 - x]);
        g_assert_true(x == 0 || x > 50 || middle[x] >= middle[x - 1]);
    }
    const struct dm_vignette pixel = {1, 1, 1};
    dm_vignette_gains(&pixel, 0, 0, 1, top);
    g_assert_cmpuint(top[0], ==, 65536);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/colour/matrix", test_matrix);
    g_test_add_func("/kernels/colour/ramp", test_ramp);
    g_test_add_func("/kernels/colour/tables", test_tables);
    g_test_add_func("/kernels/colour/gray_to_rgb", test_gray_to_rgb);
    g_test_add_func("/kernels/colour/vignette", test_vignette);
    g_test_add_func("/kernels/colour/vignette_shape", test_vignette_shape);
    return g_test_run();
}
