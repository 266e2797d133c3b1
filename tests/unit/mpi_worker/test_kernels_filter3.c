// SPDX-License-Identifier: MIT
//
// The 3x3 filters against matrices written out.
#include "mpi_worker/kernels/filter3.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <stdlib.h>

static const struct {
    int matrix[3][3];
    int delta; // of 8-bit samples
    bool absolute;
} filters[] = {
    [DM_FILTER3_SOFT] = {{{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}}, 0, false},
    [DM_FILTER3_STRONG] = {{{-1, -1, -1}, {-1, 9, -1}, {-1, -1, -1}}, 0, false},
    [DM_FILTER3_LAPLACIAN] = {{{2, 0, 2}, {0, -8, 0}, {2, 0, 2}}, 0, true},
    [DM_FILTER3_EMBOSS] = {{{-1, -1, 0}, {-1, 0, 1}, {0, 1, 1}}, 128, false},
};

static int convolved(const struct picture *picture, int x, int y, int band, const void *params) {
    enum dm_filter3 filter = *(const enum dm_filter3 *)params;
    int sum = filters[filter].delta * (picture->max / 255);
    for (int v = 0; v < 3; v++) {
        for (int u = 0; u < 3; u++) {
            sum += filters[filter].matrix[v][u] *
                   picture_at(picture, REFLECT, x + u - 1, y + v - 1, band);
        }
    }
    sum = filters[filter].absolute ? abs(sum) : sum;
    return CLAMP(sum, 0, picture->max);
}

static void test_matrices(void) {
    for (enum dm_filter3 filter = DM_FILTER3_SOFT; filter <= DM_FILTER3_EMBOSS; filter++) {
        struct kernel_case test = {.run = dm_filter3_u8,
                                   .params = &filter,
                                   .radius = 1,
                                   .border = REFLECT,
                                   .expected = convolved};
        check_shapes(&test, 1, 255, 256);
        check_shapes(&test, 3, 255, 2);
        test.run = dm_filter3_u16;
        check_shapes(&test, 1, 65535, 2);
        check_shapes(&test, 4, 65535, 60000);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/filter3/matrices", test_matrices);
    return g_test_run();
}
