// SPDX-License-Identifier: MIT
//
// The bilateral filter against its definition in double: at most one level apart. kernel_case.h
// wants equality, hence the comparison here.
#include "mpi_worker/kernels/bilateral.h"

#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>
#include <stdlib.h>

struct filter {
    int size, colours;
    double sigma_colour, sigma_space;
};

/** What pixel (@x, @y) weighs in the mean at (@at_x, @at_y). */
static double weight_at(const struct picture *picture, const struct filter *filter, int at_x,
                        int at_y, int x, int y) {
    int square = (x - at_x) * (x - at_x) + (y - at_y) * (y - at_y);
    int radius = filter->size / 2;
    if (square > radius * radius) {
        return 0;
    }
    double d = 0;
    for (int c = 0; c < filter->colours; c++) {
        d += abs(picture_at(picture, REFLECT, x, y, c) -
                 picture_at(picture, REFLECT, at_x, at_y, c));
    }
    bool alpha = picture->bands > filter->colours;
    double by = alpha ? picture_at(picture, REFLECT, x, y, picture->bands - 1) : 1;
    return by * exp(-square / (2 * filter->sigma_space * filter->sigma_space) -
                    d * d / (2 * filter->sigma_colour * filter->sigma_colour));
}

static double mean_at(const struct picture *picture, const struct filter *filter, int x, int y,
                      int band) {
    int radius = filter->size / 2;
    double sum = 0, weight = 0;
    for (int v = y - radius; v <= y + radius; v++) {
        for (int u = x - radius; u <= x + radius; u++) {
            double by = weight_at(picture, filter, x, y, u, v);
            sum += by * picture_at(picture, REFLECT, u, v, band);
            weight += by;
        }
    }
    return weight > 1e-36 ? sum / weight : picture_at(picture, REFLECT, x, y, band);
}

static void compare(const struct picture *picture, const struct filter *filter, const void *out) {
    for (int i = 0; i < picture->width * picture->height * picture->bands; i++) {
        int pixel = i / picture->bands, band = i % picture->bands;
        if (band >= filter->colours) {
            continue;
        }
        int got = picture->max == 255 ? ((const uint8_t *)out)[i] : ((const uint16_t *)out)[i];
        double want =
            mean_at(picture, filter, pixel % picture->width, pixel / picture->width, band);
        // The weights are within 1e-4, hence 16-bit means within 7.
        g_assert_cmpfloat(fabs(got - want), <=, picture->max == 255 ? 0.6 : 7);
    }
}

static void check_filter(const struct filter *filter, struct picture *picture) {
    struct dm_bilateral bilateral = {.colours = filter->colours,
                                     .alpha = picture->bands > filter->colours};
    dm_bilateral_init(&bilateral, filter->size, filter->sigma_colour, filter->sigma_space);
    struct kernel_case test = {.radius = bilateral.radius, .border = REFLECT};
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    for (int y = -bilateral.radius; y < picture->height + bilateral.radius; y++) {
        g_ptr_array_add(rows, padded_row(picture, &test, y));
    }
    size_t row_size = (size_t)(picture->width * picture->bands) * (picture->max == 255 ? 1 : 2);
    g_autofree void *out = g_malloc0(row_size * (size_t)picture->height);
    struct dm_area area = {.rows = (const void *const *)rows->pdata,
                           .out = out,
                           .out_stride = row_size,
                           .width = picture->width,
                           .height = picture->height,
                           .bands = picture->bands,
                           .radius = bilateral.radius};
    g_autofree void *scratch = g_malloc(dm_bilateral_scratch(&area, &bilateral));
    (picture->max == 255 ? dm_bilateral_u8 : dm_bilateral_u16)(&area, &bilateral, scratch);
    compare(picture, filter, out);
}

static void test_definition(void) {
    static const struct filter filters[] = {{3, 0, 10, 10}, {9, 0, 75, 75}, {5, 0, 1, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
        for (int bands = 1; bands <= 4; bands++) {
            struct filter filter = filters[i];
            filter.colours = bands < 3 ? 1 : 3;
            struct picture picture = picture_new(301, 9, bands, 255, 256);
            check_filter(&filter, &picture);
            g_free(picture.samples);
            filter.sigma_colour *= 257;
            picture = picture_new(37, 9, bands, 65535, 300);
            check_filter(&filter, &picture);
            g_free(picture.samples);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/bilateral/definition", test_definition);
    return g_test_run();
}
