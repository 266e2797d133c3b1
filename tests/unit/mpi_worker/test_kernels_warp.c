// SPDX-License-Identifier: MIT
//
// Affine warps whose result can be said without computing: identity, shifts, half pixels, quarter
// turns, and what lies beyond the picture; and where the detail of a picture is found.
#include "mpi_worker/kernels/salience.h"
#include "mpi_worker/kernels/warp.h"

#include <glib.h>
#include <string.h>

#define SIDE 4

static const uint8_t numbers[SIDE * SIDE] = {10, 20,  30,  40,  50,  60,  70,  80,
                                             90, 100, 110, 120, 130, 140, 150, 160};

/** Warp the 4x4 picture by @m (output -> source) into @out. */
static void warp_numbers(const double m[6], uint8_t *out) {
    int columns_x[SIDE], columns_y[SIDE];
    struct dm_warp warp = {.pixels = numbers,
                           .stride = SIDE,
                           .width = SIDE,
                           .height = SIDE,
                           .bands = 1,
                           .columns_x = columns_x,
                           .columns_y = columns_y};
    memcpy(warp.m, m, sizeof(warp.m));
    dm_warp_columns(m[0], SIDE, columns_x);
    dm_warp_columns(m[3], SIDE, columns_y);
    for (int y = 0; y < SIDE; y++) {
        dm_warp_row_u8(&warp, 0, y, SIDE, out + y * SIDE);
    }
}

static const struct {
    double m[6];
    uint8_t out[SIDE * SIDE];
} cases[] = {
    {{1, 0, 0, 0, 1, 0}, {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160}},
    {{1, 0, 1, 0, 1, 0}, {20, 30, 40, 0, 60, 70, 80, 0, 100, 110, 120, 0, 140, 150, 160, 0}},
    {{1, 0, 0, 0, 1, -1}, {0, 0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120}},
    {{1, 0, 0.5, 0, 1, 0}, {15, 25, 35, 20, 55, 65, 75, 40, 95, 105, 115, 60, 135, 145, 155, 80}},
    {{0, 1, 0, -1, 0, 3}, {130, 90, 50, 10, 140, 100, 60, 20, 150, 110, 70, 30, 160, 120, 80, 40}},
    // Quarters: 12.5 and its kin are rounded up.
    {{1, 0, 0.25, 0, 1, 0}, {13, 23, 33, 30, 53, 63, 73, 60, 93, 103, 113, 90, 133, 143, 153, 120}},
    {{1, 0, 100, 0, 1, 0}, {0}},
};

static void test_cases(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t out[SIDE * SIDE];
        warp_numbers(cases[i].m, out);
        g_assert_true(memcmp(out, cases[i].out, sizeof(out)) == 0);
    }
}

static void test_inverse(void) {
    double m[6];
    dm_warp_rotation(1.5, 1.5, 90, m);
    dm_warp_invert(m);
    const double expected[6] = {0, -1, 3, 1, 0, 0}; // counterclockwise: from the right column
    for (int i = 0; i < 6; i++) {
        g_assert_cmpfloat_with_epsilon(m[i], expected[i], 1e-9);
    }
}

/** Half of a white opaque pixel and half of what is beyond: white still, and half transparent. */
static void test_alpha(void) {
    const uint8_t narrow[2] = {255, 255};
    const uint16_t wide[2] = {65535, 65535};
    int columns_x[1] = {0}, columns_y[1] = {0};
    struct dm_warp warp = {.m = {1, 0, 0.5, 0, 1, 0},
                           .pixels = narrow,
                           .stride = 2,
                           .width = 1,
                           .height = 1,
                           .bands = 2,
                           .alpha = true,
                           .columns_x = columns_x,
                           .columns_y = columns_y};
    uint8_t out[2];
    dm_warp_row_u8(&warp, 0, 0, 1, out);
    g_assert_cmpint(out[0], ==, 255);
    g_assert_cmpint(out[1], ==, 128);
    uint16_t wide_out[2];
    warp.pixels = wide;
    warp.stride = 4;
    dm_warp_row_u16(&warp, 0, 0, 1, wide_out);
    g_assert_cmpint(wide_out[0], ==, 65535);
    g_assert_cmpint(wide_out[1], ==, 32768);
}

static void test_salience(void) {
    enum { W = 200, H = 100 };
    static uint8_t pixels[W * H * 3];
    struct dm_salience_picture picture = {pixels, W * 3, W, H, 3, false};
    int x = -1, y = -1;

    dm_salience_place(&picture, 100, 100, &x, &y); // flat: near the centre
    g_assert_cmpint(ABS(x - 50), <=, 4);
    g_assert_cmpint(y, ==, 0);
    for (int v = 20; v < 60; v++) {
        for (int u = 150; u < 190; u++) {
            memset(pixels + (v * W + u) * 3, (u ^ v) & 1 ? 255 : 0, 3);
        }
    }
    dm_salience_place(&picture, 60, 60, &x, &y);
    g_assert_true(x <= 150 && x + 60 >= 190 && y <= 20 && y + 60 >= 60);
    dm_salience_place(&picture, W, H, &x, &y);
    g_assert_true(x == 0 && y == 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/warp/cases", test_cases);
    g_test_add_func("/kernels/warp/inverse", test_inverse);
    g_test_add_func("/kernels/warp/alpha", test_alpha);
    g_test_add_func("/kernels/salience", test_salience);
    return g_test_run();
}
