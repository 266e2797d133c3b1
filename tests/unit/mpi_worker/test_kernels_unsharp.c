// SPDX-License-Identifier: MIT
//
// Unsharp masking against its definition, and the two ways to combine pictures.
#include "mpi_worker/kernels/combine.h"
#include "mpi_worker/kernels/unsharp.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>

static int weighted(int a, int b, const struct dm_unsharp *unsharp, int max) {
    long sum = lrintf(fmaf((float)a, unsharp->keep, (float)b * -unsharp->amount));
    return (int)CLAMP(sum, 0, max);
}

static int expected(const struct picture *picture, int x, int y, int band, const void *params) {
    const struct dm_unsharp *unsharp = params;
    const struct dm_gauss *gauss = &unsharp->gauss;
    int bits = picture->max == 255 ? 16 : 32;
    int64_t sum = (int64_t)1 << (bits - 1);
    for (int v = 0; v <= 2 * gauss->radius; v++) {
        for (int u = 0; u <= 2 * gauss->radius; u++) {
            sum += (int64_t)gauss->taps[v] * gauss->taps[u] *
                   picture_at(picture, REFLECT, x + u - gauss->radius, y + v - gauss->radius, band);
        }
    }
    int centre = picture_at(picture, REFLECT, x, y, band);
    return weighted(centre, (int)(sum >> bits), unsharp, picture->max);
}

static void check_amount(double amount, bool wide) {
    struct dm_unsharp unsharp = {
        .blur = dm_gauss_kernel(wide, false), .amount = (float)amount, .keep = (float)(1 + amount)};
    dm_gauss_init(&unsharp.gauss, 7, 1.2, wide);
    struct kernel_case test = {.run = wide ? dm_unsharp_u16 : dm_unsharp_u8,
                               .scratch = dm_unsharp_scratch,
                               .params = &unsharp,
                               .radius = 3,
                               .border = REFLECT,
                               .expected = expected};
    check_shapes(&test, 1, wide ? 65535 : 255, 256);
    check_shapes(&test, 3, wide ? 65535 : 255, 2);
}

static void test_unsharp(void) {
    static const double amounts[] = {0.01, 0.3, 1, 5};
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++) {
        check_amount(amounts[i], false);
        check_amount(amounts[i], true);
    }
}

static void test_subtract(void) {
    uint16_t a[100], b[100], out[100];
    uint8_t narrow_a[100], narrow_b[100], narrow_out[100];
    for (int i = 0; i < 100; i++) {
        narrow_a[i] = (uint8_t)(a[i] = (uint16_t)(i * 40503));
        narrow_b[i] = (uint8_t)(b[i] = (uint16_t)(i * 30011 + 7));
    }
    dm_subtract_u16(a, b, 100, out);
    dm_subtract_u8(narrow_a, narrow_b, 100, narrow_out);
    for (int i = 0; i < 100; i++) {
        g_assert_cmpint(out[i], ==, MAX(a[i] - b[i], 0));
        g_assert_cmpint(narrow_out[i], ==, MAX(narrow_a[i] - narrow_b[i], 0));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/unsharp/definition", test_unsharp);
    g_test_add_func("/kernels/combine/subtract", test_subtract);
    return g_test_run();
}
