// SPDX-License-Identifier: MIT
//
// Box means against the plain double sum, for odd sides: how OpenCV rounds a mean halfway between
// two levels, which even ones have, tests/fidelity knows.
#include "mpi_worker/kernels/box.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>

/** The exact mean of the window of @size, colours weighed with the last band if @alpha. */
static double mean_at(const struct picture *picture, int x, int y, int band, int size, bool alpha) {
    int last = picture->bands - 1;
    double sum = 0, weight = 0;
    for (int v = y - size / 2; v < y - size / 2 + size; v++) {
        for (int u = x - size / 2; u < x - size / 2 + size; u++) {
            double by = alpha && band != last ? picture_at(picture, REFLECT, u, v, last) : 1;
            sum += by * picture_at(picture, REFLECT, u, v, band);
            weight += by;
        }
    }
    return weight > 0 ? sum / weight : 0;
}

/** 16-bit means are a product in float, unless the sum does not fit. */
static int rounded(double mean, int area, int max) {
    if (max == 255 || area > 1 << 15) {
        return (int)lrint(mean);
    }
    return (int)lrintf((float)lrint(mean * area) * (float)(1. / area));
}

static int plain(const struct picture *picture, int x, int y, int band, const void *params) {
    int size = *(const int *)params;
    return rounded(mean_at(picture, x, y, band, size, false), size * size, picture->max);
}

static int weighed(const struct picture *picture, int x, int y, int band, const void *params) {
    int last = picture->bands - 1;
    double mean = mean_at(picture, x, y, band, *(const int *)params, true);
    return band == last ? plain(picture, x, y, last, params) : (int)floor(mean + 0.5);
}

static void check_size(int size) {
    struct kernel_case test = {.run = dm_box_u8,
                               .scratch = dm_box_scratch,
                               .params = &size,
                               .radius = size / 2,
                               .border = REFLECT,
                               .expected = plain};
    check_shapes(&test, 1, 255, 256);
    check_shapes(&test, 2, 255, 256);
    check_shapes(&test, 3, 255, 2);
    test.run = dm_box_u16;
    check_shapes(&test, 3, 65535, 2);
    test.run = dm_box_alpha_u8;
    test.expected = weighed;
    check_shapes(&test, 2, 255, 256);
    check_shapes(&test, 4, 255, 3);
    test.run = dm_box_alpha_u16;
    check_shapes(&test, 4, 65535, 3);
}

static void test_odd(void) {
    static const int sizes[] = {1, 3, 5, 15, 17, 31};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        check_size(sizes[i]);
    }
}

/** White with one black pixel, and all white: the largest sums do not overflow. */
static void test_largest(void) {
    int size = DM_BOX_MAX_SIZE;
    struct picture picture = {3, 2, 1, 65535, NULL};
    uint16_t samples[6] = {65535, 65535, 65535, 65535, 0, 65535};
    picture.samples = samples;
    struct kernel_case test = {.run = dm_box_u16,
                               .scratch = dm_box_scratch,
                               .params = &size,
                               .radius = size / 2,
                               .border = REFLECT,
                               .expected = plain};
    check_picture(&picture, &test);
    samples[4] = 65535;
    check_picture(&picture, &test);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/box/odd", test_odd);
    g_test_add_func("/kernels/box/largest", test_largest);
    return g_test_run();
}
