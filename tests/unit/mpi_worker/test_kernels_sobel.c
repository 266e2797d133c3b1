// SPDX-License-Identifier: MIT
//
// Sobel's magnitude against the derivatives written out.
#include "mpi_worker/kernels/sobel.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>

static int magnitude(const struct picture *picture, int x, int y, int band, const void *params) {
    (void)params;
    static const int weights[3] = {1, 2, 1};
    double dx = 0, dy = 0;
    for (int i = 0; i < 3; i++) {
        dx += weights[i] * (picture_at(picture, REFLECT, x + 1, y + i - 1, band) -
                            picture_at(picture, REFLECT, x - 1, y + i - 1, band));
        dy += weights[i] * (picture_at(picture, REFLECT, x + i - 1, y + 1, band) -
                            picture_at(picture, REFLECT, x + i - 1, y - 1, band));
    }
    return MIN((int)lrint(sqrt(dx * dx + dy * dy)), picture->max);
}

static void test_magnitude(void) {
    struct kernel_case test = {
        .run = dm_sobel_u8, .radius = 1, .border = REFLECT, .expected = magnitude};
    check_shapes(&test, 1, 255, 2);
    check_shapes(&test, 3, 255, 256);
    test.run = dm_sobel_u16;
    check_shapes(&test, 1, 65535, 2);
    check_shapes(&test, 4, 65535, 60000);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/sobel/magnitude", test_magnitude);
    return g_test_run();
}
