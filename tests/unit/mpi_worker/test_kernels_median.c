// SPDX-License-Identifier: MIT
//
// Medians against sorting. Few levels make many ties; two levels are what decides whether a network
// of comparisons is right (the 0-1 principle).
#include "mpi_worker/kernels/median.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static int sorted_middle(const struct picture *picture, int x, int y, int band, int size) {
    int values[21 * 21];
    int count = 0;
    for (int v = -size / 2; v <= size / 2; v++) {
        for (int u = -size / 2; u <= size / 2; u++) {
            values[count++] = picture_at(picture, REPLICATE, x + u, y + v, band);
        }
    }
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return values[count / 2];
}

static int of_3(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)params;
    return sorted_middle(picture, x, y, band, 3);
}

static int of_5(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)params;
    return sorted_middle(picture, x, y, band, 5);
}

static int of_7(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)params;
    return sorted_middle(picture, x, y, band, 7);
}

static int of_21(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)params;
    return sorted_middle(picture, x, y, band, 21);
}

static void test_networks(void) {
    struct kernel_case three = {.run = dm_median3_u8,
                                .scratch = dm_median_scratch,
                                .radius = 1,
                                .border = REPLICATE,
                                .expected = of_3};
    struct kernel_case five = three;
    five.run = dm_median5_u8;
    five.radius = 2;
    five.expected = of_5;
    for (int levels = 2; levels <= 256; levels *= 2) {
        check_shapes(&three, 1, 255, levels);
        check_shapes(&five, 1, 255, levels);
        check_shapes(&three, 3, 255, levels);
        check_shapes(&five, 4, 255, levels);
    }
    three.run = dm_median3_u16;
    five.run = dm_median5_u16;
    check_shapes(&three, 3, 65535, 60000);
    check_shapes(&five, 3, 65535, 60000);
}

static void test_wide(void) {
    static const struct {
        int size;
        int (*expected)(const struct picture *, int, int, int, const void *);
    } cases[] = {{3, of_3}, {5, of_5}, {7, of_7}, {21, of_21}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int bands = 1;
        struct kernel_case test = {.run = dm_median_wide_u8,
                                   .scratch = dm_median_wide_scratch,
                                   .params = &bands,
                                   .radius = cases[i].size / 2,
                                   .border = REPLICATE,
                                   .expected = cases[i].expected};
        check_shapes(&test, 1, 255, 2);
        check_shapes(&test, 1, 255, 256);
        bands = 3;
        check_shapes(&test, 3, 255, 17);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/median/networks", test_networks);
    g_test_add_func("/kernels/median/wide", test_wide);
    return g_test_run();
}
