// SPDX-License-Identifier: MIT
//
// Sharpening against the kernel written out as a matrix.
#include "mpi_worker/kernels/sharpen.h"

#include "tests/unit/mpi_worker/kernel_case.h"

static const int matrices[2][3][3] = {
    {{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}},
    {{-1, -1, -1}, {-1, 9, -1}, {-1, -1, -1}},
};

static int convolved(const struct picture *picture, int x, int y, int band, const void *params) {
    bool strong = *(const bool *)params;
    int sum = 0;
    for (int v = 0; v < 3; v++) {
        for (int u = 0; u < 3; u++) {
            sum +=
                matrices[strong][v][u] * picture_at(picture, REFLECT, x + u - 1, y + v - 1, band);
        }
    }
    return CLAMP(sum, 0, picture->max);
}

static void test_matrices(void) {
    for (int i = 0; i < 2; i++) {
        bool strong = i == 1;
        struct kernel_case test = {.run = dm_sharpen_u8,
                                   .params = &strong,
                                   .radius = 1,
                                   .border = REFLECT,
                                   .expected = convolved};
        check_shapes(&test, 1, 255, 256);
        check_shapes(&test, 3, 255, 2);
        test.run = dm_sharpen_u16;
        check_shapes(&test, 1, 65535, 2);
        check_shapes(&test, 4, 65535, 60000);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/sharpen/matrices", test_matrices);
    return g_test_run();
}
