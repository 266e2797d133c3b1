// SPDX-License-Identifier: MIT
//
// Gaussian taps against values read off cv2.GaussianBlur, filters against the plain double sum.
#include "mpi_worker/kernels/gauss.h"

#include "tests/unit/mpi_worker/kernel_case.h"

static const struct {
    int size;
    double sigma;
    uint16_t taps[15];
} known[] = {
    {1, 0, {256}},
    {3, 0, {64, 128, 64}},
    {5, 0, {16, 64, 96, 64, 16}},
    {7, 0, {8, 28, 56, 72, 56, 28, 8}},
    {9, 0, {4, 13, 30, 51, 60, 51, 30, 13, 4}},
    // A line of 255 through cv2.GaussianBlur(..., (15, 15), 0).
    {15, 0, {1, 3, 6, 12, 20, 30, 36, 40, 36, 30, 20, 12, 6, 3, 1}},
};

static void test_taps(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        struct dm_gauss gauss;
        dm_gauss_init(&gauss, known[i].size, known[i].sigma, false);
        g_assert_cmpint(gauss.radius, ==, known[i].size / 2);
        for (int k = 0; k < known[i].size; k++) {
            g_assert_cmpint(gauss.taps[k], ==, known[i].taps[k]);
        }
    }
}

static void check_sum(int size, double sigma, bool wide) {
    struct dm_gauss gauss;
    int one = wide ? 65536 : 256;
    int sum = 0;
    g_assert_cmpint(size, <=, DM_GAUSS_MAX_SIZE);
    dm_gauss_init(&gauss, size, sigma, wide);
    for (int k = 0; k < size; k++) {
        sum += (int)gauss.taps[k];
        g_assert_cmpint(gauss.taps[k], <=, one);
        g_assert_cmpint(gauss.taps[k], ==, gauss.taps[size - 1 - k]);
    }
    g_assert_cmpint(sum, ==, one);
}

static void test_sum(void) {
    for (int size = 1; size <= 255; size += 2) {
        check_sum(size, 0, false);
        check_sum(size, 0, true);
    }
    for (int tenth = 1; tenth <= 1000; tenth++) {
        check_sum(dm_gauss_size(tenth / 10.0, false), tenth / 10.0, false);
        check_sum(dm_gauss_size(tenth / 10.0, true), tenth / 10.0, true);
    }
}

static void test_rules(void) {
    g_assert_cmpint(dm_gauss_size(0.1, false), ==, 3);
    g_assert_cmpint(dm_gauss_size(1, false), ==, 7);
    g_assert_cmpint(dm_gauss_size(2.5, false), ==, 17);
    g_assert_cmpint(dm_gauss_size(100, false), ==, 601);
    g_assert_cmpint(dm_gauss_size(1, true), ==, 9);
    g_assert_cmpint(dm_gauss_size(100, true), ==, 801);
    g_assert_cmpfloat_with_epsilon(dm_gauss_sigma(15), 2.6, 1e-12);
}

static int plain(const struct picture *picture, int x, int y, int band, const void *params) {
    const struct dm_gauss *gauss = params;
    int bits = picture->max == 255 ? 16 : 32;
    int64_t sum = 0;
    for (int v = 0; v <= 2 * gauss->radius; v++) {
        for (int u = 0; u <= 2 * gauss->radius; u++) {
            sum += (int64_t)gauss->taps[v] * gauss->taps[u] *
                   picture_at(picture, REFLECT, x + u - gauss->radius, y + v - gauss->radius, band);
        }
    }
    return (int)((sum + ((int64_t)1 << (bits - 1))) >> bits);
}

static int weighed(const struct picture *picture, int x, int y, int band, const void *params) {
    const struct dm_gauss *gauss = params;
    int last = picture->bands - 1;
    int bits = picture->max == 255 ? 16 : 32;
    uint64_t sum = 0, weight = 0;
    for (int v = 0; v <= 2 * gauss->radius; v++) {
        for (int u = 0; u <= 2 * gauss->radius; u++) {
            int at_x = x + u - gauss->radius, at_y = y + v - gauss->radius;
            uint64_t alpha = (uint64_t)gauss->taps[v] * gauss->taps[u] *
                             (uint64_t)picture_at(picture, REFLECT, at_x, at_y, last);
            sum += alpha * (uint64_t)picture_at(picture, REFLECT, at_x, at_y, band);
            weight += alpha;
        }
    }
    if (band == last) {
        return (int)((weight + ((uint64_t)1 << (bits - 1))) >> bits);
    }
    return weight ? (int)((sum + weight / 2) / weight) : 0;
}

static void check_filters(int size, bool wide) {
    int max = wide ? 65535 : 255;
    struct dm_gauss gauss;
    dm_gauss_init(&gauss, size, 0, wide);
    struct kernel_case test = {.run = dm_gauss_kernel(wide, false),
                               .scratch = dm_gauss_scratch,
                               .params = &gauss,
                               .radius = gauss.radius,
                               .border = REFLECT,
                               .expected = plain};
    check_shapes(&test, 1, max, 256);
    check_shapes(&test, 3, max, 2);
    test.run = dm_gauss_kernel(wide, true);
    test.expected = weighed;
    check_shapes(&test, 2, max, 256);
    check_shapes(&test, 4, max, 3);
}

static void test_filters(void) {
    static const int sizes[] = {1, 3, 5, 7, 9, 15, 31};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        check_filters(sizes[i], false);
        check_filters(sizes[i], true);
    }
}

/** Full alpha gives the plain kernel's colours. */
static void test_opaque(void) {
    struct dm_gauss gauss;
    dm_gauss_init(&gauss, 5, 0, false);
    struct picture picture = picture_new(37, 23, 4, 255, 256);
    for (int i = 3; i < 37 * 23 * 4; i += 4) {
        picture.samples[i] = 255;
    }
    struct kernel_case test = {.run = dm_gauss_alpha_u8,
                               .scratch = dm_gauss_scratch,
                               .params = &gauss,
                               .radius = 2,
                               .border = REFLECT,
                               .expected = plain};
    check_picture(&picture, &test);
    g_free(picture.samples);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/gauss/taps", test_taps);
    g_test_add_func("/kernels/gauss/sum", test_sum);
    g_test_add_func("/kernels/gauss/rules", test_rules);
    g_test_add_func("/kernels/gauss/filters", test_filters);
    g_test_add_func("/kernels/gauss/opaque", test_opaque);
    return g_test_run();
}
