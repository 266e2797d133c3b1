// SPDX-License-Identifier: MIT
//
// Gray, tables, ranges, bit depth, Otsu: hand-checked cases.
#include "mpi_worker/kernels/gray.h"
#include "mpi_worker/kernels/otsu.h"
#include "mpi_worker/kernels/range.h"
#include "mpi_worker/kernels/table.h"

#include <glib.h>
#include <string.h>

static const struct {
    uint8_t rgb[3], gray; // as cv2.cvtColor says
} colours[] = {
    {{0, 0, 0}, 0},     {{255, 255, 255}, 255}, {{255, 0, 0}, 76},
    {{0, 255, 0}, 150}, {{0, 0, 255}, 29},      {{10, 200, 30}, 124},
};

static void test_gray(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(colours); i++) {
        const uint8_t *c = colours[i].rgb;
        uint8_t rgba[4] = {c[0], c[1], c[2], 7};
        uint16_t wide[4] = {(uint16_t)(c[0] * 257), (uint16_t)(c[1] * 257), (uint16_t)(c[2] * 257),
                            9};
        uint8_t out[2];
        uint16_t wide_out[2];
        dm_gray_u8(rgba, out, 1, 0);
        g_assert_cmpint(out[0], ==, colours[i].gray);
        dm_gray_u8(rgba, out, 1, 1);
        g_assert_cmpint(out[0], ==, colours[i].gray);
        g_assert_cmpint(out[1], ==, 7);
        dm_gray_u16(wide, wide_out, 1, 1);
        g_assert_cmpint(ABS(wide_out[0] - colours[i].gray * 257), <=, 128);
        g_assert_cmpint(wide_out[1], ==, 9);
    }
}

static void test_reduce(void) {
    for (int v = 0; v < 256; v++) {
        uint16_t in[3] = {(uint16_t)(v * 257), (uint16_t)(v * 257 + (v < 255 ? 128 : 0)),
                          (uint16_t)(v * 257 - (v > 0 ? 128 : 0))};
        uint8_t out[3];
        dm_reduce_u16(in, out, 3);
        for (int i = 0; i < 3; i++) {
            g_assert_cmpint(out[i], ==, v);
        }
    }
}

/** Long rows, which may take another way than short ones. */
static void test_long_table(void) {
    enum { SAMPLES = 5003 };
    uint16_t table[256];
    uint8_t in[SAMPLES], out[SAMPLES];
    for (int v = 0; v < 256; v++) {
        table[v] = (uint16_t)(v * 89 % 256);
    }
    for (int i = 0; i < SAMPLES; i++) {
        in[i] = (uint8_t)(i * 131 + i / 256);
    }
    dm_table_u8(in, out, SAMPLES, 1, false, table);
    for (int i = 0; i < SAMPLES; i++) {
        g_assert_cmpint(out[i], ==, table[in[i]]);
    }
}

static void test_table(void) {
    uint16_t table[256];
    for (int v = 0; v < 256; v++) {
        table[v] = (uint16_t)(255 - v);
    }
    const uint8_t in[8] = {0, 1, 2, 3, 250, 251, 252, 253};
    const uint8_t all[8] = {255, 254, 253, 252, 5, 4, 3, 2};
    const uint8_t colour[8] = {255, 254, 253, 3, 5, 4, 3, 253};
    uint8_t out[8];
    dm_table_u8(in, out, 8, 1, false, table);
    g_assert_true(memcmp(out, all, sizeof(out)) == 0);
    dm_table_u8(in, out, 2, 4, true, table);
    g_assert_true(memcmp(out, colour, sizeof(out)) == 0);
    const uint16_t wide[4] = {0, 255, 3, 200};
    const uint16_t expected[4] = {255, 255, 252, 200};
    uint16_t wide_out[4];
    dm_table_u16(wide, wide_out, 2, 2, true, table);
    g_assert_true(memcmp(wide_out, expected, sizeof(wide_out)) == 0);
}

static const struct {
    double alpha, beta;
    int max, in, out;
} scales[] = {
    {1.2, 0, 255, 100, 120},   {1.2, 0, 255, 250, 255},       {0.5, 0, 255, 1, 0}, // 0.5: to even
    {0.5, 0, 255, 3, 2},       {0, 0, 255, 255, 0},           {2, -100, 255, 30, 40}, // |-40|
    {1.2, 0, 65535, 100, 120}, {1.2, 0, 65535, 60000, 65535},
};

static void test_scale(void) {
    g_autofree uint16_t *table = g_new(uint16_t, 65536);
    for (size_t i = 0; i < G_N_ELEMENTS(scales); i++) {
        dm_table_scale(table, scales[i].max, scales[i].alpha, scales[i].beta);
        g_assert_cmpint(table[scales[i].in], ==, scales[i].out);
    }
}

static void test_range(void) {
    const uint8_t row[8] = {50, 60, 70, 255, 40, 90, 45, 0};
    struct dm_range range = {65535, 0};
    dm_range_u8(row, 2, 4, true, &range);
    g_assert_cmpint(range.low, ==, 40);
    g_assert_cmpint(range.high, ==, 90);
    dm_range_u8(row, 8, 1, false, &range);
    g_assert_cmpint(range.low, ==, 0);
    g_assert_cmpint(range.high, ==, 255);
    const uint16_t wide[3] = {300, 20000, 400};
    range = (struct dm_range){65535, 0};
    dm_range_u16(wide, 1, 3, false, &range);
    g_assert_cmpint(range.low, ==, 300);
    g_assert_cmpint(range.high, ==, 20000);
}

static void test_otsu(void) {
    uint32_t two[256] = {0};
    two[50] = two[200] = 100;
    g_assert_cmpint(dm_otsu(two, 200), ==, 50);
    uint32_t one[256] = {0};
    one[77] = 9;
    g_assert_cmpint(dm_otsu(one, 9), ==, 0);
    uint32_t ramp[256];
    for (int v = 0; v < 256; v++) {
        ramp[v] = 1;
    }
    g_assert_cmpint(dm_otsu(ramp, 256), ==, 127);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/point/gray", test_gray);
    g_test_add_func("/kernels/point/reduce", test_reduce);
    g_test_add_func("/kernels/point/table", test_table);
    g_test_add_func("/kernels/point/long_table", test_long_table);
    g_test_add_func("/kernels/point/scale", test_scale);
    g_test_add_func("/kernels/point/range", test_range);
    g_test_add_func("/kernels/point/otsu", test_otsu);
    return g_test_run();
}
