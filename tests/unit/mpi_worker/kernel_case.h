// SPDX-License-Identifier: MIT
//
// What the tests of neighbourhood kernels share: small random pictures of awkward shapes, the
// margins that image/window.c would make, and a comparison with a naive definition, sample by
// sample.
#ifndef DM_TESTS_KERNEL_CASE_H
#define DM_TESTS_KERNEL_CASE_H

#include "mpi_worker/kernels/area.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REFLECT, REPLICATE, LOWEST, HIGHEST };

struct picture {
    int width, height, bands;
    int max; // 255 or 65535: also says how wide the kernel's samples are
    uint16_t *samples;
};

struct kernel_case {
    dm_area_kernel *run;
    dm_area_scratch *scratch;
    const void *params;
    int radius, border;
    int bands_out; // 0: as many as the picture
    /** What output sample (@x, @y, @band) should be. */
    int (*expected)(const struct picture *picture, int x, int y, int band, const void *params);
};

static const struct {
    int width, height;
} shapes[] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 3}, {7, 5}, {33, 17}, {64, 3}, {301, 4}};

/** Random samples; @levels of them, so that few levels give many ties. */
static inline struct picture picture_new(int width, int height, int bands, int max, int levels) {
    struct picture picture = {width, height, bands, max, NULL};
    int count = width * height * bands;
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)(width * 131 + height * 7 + bands));
    picture.samples = g_new(uint16_t, count);
    for (int i = 0; i < count; i++) {
        picture.samples[i] =
            (uint16_t)((int64_t)g_rand_int_range(rand, 0, levels) * max / (levels - 1));
    }
    return picture;
}

static inline int border_at(int border, int v, int size) {
    while (v < 0 || v >= size) {
        if (border == REPLICATE || size == 1) {
            return v < 0 ? 0 : size - 1;
        }
        v = v < 0 ? -v : 2 * (size - 1) - v;
    }
    return v;
}

/** A sample anywhere, also beyond the picture. */
static inline int picture_at(const struct picture *picture, int border, int x, int y, int band) {
    bool inside = x >= 0 && y >= 0 && x < picture->width && y < picture->height;
    if (!inside && border == LOWEST) {
        return 0;
    }
    if (!inside && border == HIGHEST) {
        return picture->max;
    }
    x = border_at(border, x, picture->width);
    y = border_at(border, y, picture->height);
    return picture->samples[(y * picture->width + x) * picture->bands + band];
}

static inline void put(void *row, int max, size_t at, int v) {
    if (max == 255) {
        ((uint8_t *)row)[at] = (uint8_t)v;
    } else {
        ((uint16_t *)row)[at] = (uint16_t)v;
    }
}

/** One row with its margins; (transfer full). */
static inline void *padded_row(const struct picture *picture, const struct kernel_case *test,
                               int y) {
    int columns = picture->width + 2 * test->radius;
    void *row = g_malloc_n((size_t)(columns * picture->bands), 2);
    for (int x = 0; x < columns; x++) {
        for (int band = 0; band < picture->bands; band++) {
            put(row, picture->max, (size_t)(x * picture->bands + band),
                picture_at(picture, test->border, x - test->radius, y, band));
        }
    }
    return row;
}

static inline void compare_output(const struct picture *picture, const struct kernel_case *test,
                                  const void *out) {
    int bands = test->bands_out ? test->bands_out : picture->bands;
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            for (int band = 0; band < bands; band++) {
                size_t at = (size_t)((y * picture->width + x) * bands + band);
                int got =
                    picture->max == 255 ? ((const uint8_t *)out)[at] : ((const uint16_t *)out)[at];
                int want = test->expected(picture, x, y, band, test->params);
                if (got != want) {
                    g_error("%d x %d, %d bands: sample %d,%d,%d is %d, expected %d", picture->width,
                            picture->height, picture->bands, x, y, band, got, want);
                }
            }
        }
    }
}

/** Run the kernel over the whole of @picture and compare. */
static inline void check_picture(const struct picture *picture, const struct kernel_case *test) {
    int count = picture->height + 2 * test->radius;
    int bands = test->bands_out ? test->bands_out : picture->bands;
    size_t out_stride = (size_t)(picture->width * bands) * (picture->max == 255 ? 1 : 2);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    g_autofree void *out = g_malloc(out_stride * (size_t)picture->height);

    for (int y = 0; y < count; y++) {
        g_ptr_array_add(rows, padded_row(picture, test, y - test->radius));
    }
    struct dm_area area = {
        .rows = (const void *const *)rows->pdata,
        .out = out,
        .out_stride = out_stride,
        .width = picture->width,
        .height = picture->height,
        .bands = picture->bands,
        .radius = test->radius,
        .picture_width = picture->width,
        .picture_height = picture->height,
    };
    g_autofree void *scratch = test->scratch ? g_malloc(test->scratch(&area, test->params)) : NULL;
    test->run(&area, test->params, scratch);
    compare_output(picture, test, out);
}

/** All shapes, with the given number of bands and levels. */
static inline void check_shapes(const struct kernel_case *test, int bands, int max, int levels) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        struct picture picture = picture_new(shapes[i].width, shapes[i].height, bands, max, levels);
        check_picture(&picture, test);
        g_free(picture.samples);
    }
}

#endif
