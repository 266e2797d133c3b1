// SPDX-License-Identifier: MIT
//
// The moving window of area nodes: margins by each border rule, also in pictures smaller than the
// window; the same whatever regions are asked for in whatever order; each input row asked for once
// when strips are pulled from top to bottom.
#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"

#include <string.h>

/** The kernel: each pixel becomes the one at this offset from it. */
struct offset {
    int x, y;
};

static void shift(const struct dm_area *area, const void *params, void *scratch) {
    (void)scratch;
    const struct offset *offset = params;
    for (int y = 0; y < area->height; y++) {
        const uint8_t *row = area->rows[y + area->radius + offset->y];
        size_t bands = (size_t)area->bands;
        memcpy(dm_area_out(area, y), row + (size_t)(area->radius + offset->x) * bands,
               (size_t)area->width * bands);
    }
}

static uint8_t pixel_value(int x, int y, int band) {
    return (uint8_t)(1 + x * 31 + y * 7 + band * 101);
}

static VipsImage *new_picture(int width, int height, int bands) {
    size_t size = (size_t)(width * height * bands);
    g_autofree uint8_t *pixels = g_malloc(size);
    for (int i = 0; i < (int)size; i++) {
        pixels[i] = pixel_value(i / bands % width, i / bands / width, i % bands);
    }
    return vips_image_new_from_memory_copy(pixels, size, width, height, bands, VIPS_FORMAT_UCHAR);
}

/** cba|abc...: written as a walk that turns round at each end. */
static int reflected(int v, int size) {
    int at = 0, step = v < 0 ? -1 : 1;
    int direction = step;
    for (int i = 0; i != v; i += step) {
        if (size == 1) {
            return 0;
        }
        if (at + direction < 0 || at + direction >= size) {
            direction = -direction;
        }
        at += direction;
    }
    return at;
}

static int expected(enum dm_border border, int x, int y, int band, int width, int height) {
    bool inside = x >= 0 && y >= 0 && x < width && y < height;
    if (!inside && border == DM_BORDER_LOWEST) {
        return 0;
    }
    if (!inside && border == DM_BORDER_HIGHEST) {
        return 255;
    }
    if (!inside && border == DM_BORDER_REPLICATE) {
        return pixel_value(CLAMP(x, 0, width - 1), CLAMP(y, 0, height - 1), band);
    }
    return pixel_value(reflected(x, width), reflected(y, height), band);
}

static VipsImage *shifted(VipsImage *in, int radius, enum dm_border border, struct offset offset) {
    VipsImage *out = NULL;
    struct dm_area_node node = {
        .radius = radius,
        .border = border,
        .run = shift,
        .params = &offset,
        .params_size = sizeof(offset),
    };
    g_assert_true(dm_node_area(in, &node, &out, NULL));
    return out;
}

static void check_region(VipsRegion *region, const VipsRect *r, enum dm_border border,
                         struct offset offset) {
    const VipsImage *image = region->im;
    g_assert_cmpint(vips_region_prepare(region, r), ==, 0);
    for (int y = r->top; y < VIPS_RECT_BOTTOM(r); y++) {
        for (int x = r->left; x < VIPS_RECT_RIGHT(r); x++) {
            for (int band = 0; band < image->Bands; band++) {
                const uint8_t *pixel = dm_region_at(region, x, y);
                int want =
                    expected(border, x + offset.x, y + offset.y, band, image->Xsize, image->Ysize);
                if (pixel[band] != want) {
                    g_error("%d x %d, border %d, offset %d,%d: pixel %d,%d is %d, expected %d",
                            image->Xsize, image->Ysize, (int)border, offset.x, offset.y, x, y,
                            pixel[band], want);
                }
            }
        }
    }
}

static void check_borders(int width, int height, int radius) {
    g_autoptr(VipsImage) in = new_picture(width, height, 3);
    for (int border = DM_BORDER_REFLECT; border <= DM_BORDER_HIGHEST; border++) {
        for (int corner = 0; corner < 4; corner++) {
            struct offset offset = {corner & 1 ? radius : -radius, corner & 2 ? radius : -radius};
            g_autoptr(VipsImage) out = shifted(in, radius, (enum dm_border)border, offset);
            VipsRegion *region = vips_region_new(out);
            VipsRect all = {0, 0, width, height};
            check_region(region, &all, (enum dm_border)border, offset);
            g_object_unref(region);
        }
    }
}

static void test_borders(void) {
    static const int sides[] = {1, 2, 3, 7, 20};
    static const int radii[] = {0, 1, 3, 8, 50};
    for (size_t w = 0; w < G_N_ELEMENTS(sides); w++) {
        for (size_t h = 0; h < G_N_ELEMENTS(sides); h++) {
            for (size_t r = 0; r < G_N_ELEMENTS(radii); r++) {
                check_borders(sides[w], sides[h], radii[r]);
            }
        }
    }
}

/** Full rows forward and back at random, now and then a tile. */
static VipsRect random_region(GRand *rand, int width, int height) {
    VipsRect r = {0, g_rand_int_range(rand, 0, height), width, 0};
    r.height = g_rand_int_range(rand, 1, MIN(height - r.top, 40) + 1);
    if (g_rand_int_range(rand, 0, 10) == 0) {
        r.left = g_rand_int_range(rand, 0, width);
        r.width = g_rand_int_range(rand, 1, width - r.left + 1);
    }
    return r;
}

static void test_any_order(void) {
    struct offset offset = {-5, 5};
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    g_autoptr(VipsImage) in = new_picture(29, 400, 1);
    g_autoptr(VipsImage) out = shifted(in, 5, DM_BORDER_REFLECT, offset);
    VipsRegion *region = vips_region_new(out);
    for (int i = 0; i < 2000; i++) {
        VipsRect r = random_region(rand, out->Xsize, out->Ysize);
        check_region(region, &r, DM_BORDER_REFLECT, offset);
    }
    g_object_unref(region);
}

// Steps of one strip forward, then a little back: what the ring has overwritten must be fetched
// again.
static void test_back(void) {
    static const VipsRect walk[] = {{0, 0, 29, 64},   {0, 64, 29, 64}, {0, 128, 29, 64},
                                    {0, 100, 29, 10}, {0, 40, 29, 10}, {0, 190, 29, 64}};
    struct offset offset = {0, -5};
    g_autoptr(VipsImage) in = new_picture(29, 400, 1);
    g_autoptr(VipsImage) out = shifted(in, 5, DM_BORDER_REPLICATE, offset);
    VipsRegion *region = vips_region_new(out);
    for (size_t i = 0; i < G_N_ELEMENTS(walk); i++) {
        check_region(region, &walk[i], DM_BORDER_REPLICATE, offset);
    }
    g_object_unref(region);
}

static int rows_asked; // one thread

static void count_row(const struct dm_span *row, const void *params) {
    (void)params;
    memcpy(row->to, row->from, (size_t)(row->width * row->in->Bands));
    rows_asked++;
}

static void test_once(void) {
    struct dm_rows_node counting = {.run = count_row};
    g_autoptr(VipsImage) in = new_picture(29, 400, 1);
    g_autoptr(VipsImage) counted = NULL;
    g_assert_true(dm_node_rows(in, &counting, &counted, NULL));
    g_autoptr(VipsImage) once = shifted(counted, 9, DM_BORDER_REFLECT, (struct offset){0, 9});
    g_autoptr(VipsImage) twice = shifted(once, 20, DM_BORDER_REPLICATE, (struct offset){0, -20});
    rows_asked = 0;
    g_autoptr(VipsImage) memory = dm_strips_to_memory(twice);
    g_assert_nonnull(memory);
    g_assert_cmpint(rows_asked, ==, 400);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (VIPS_INIT(argv[0]) != 0) {
        return 1;
    }
    g_test_add_func("/window/borders", test_borders);
    g_test_add_func("/window/any_order", test_any_order);
    g_test_add_func("/window/back", test_back);
    g_test_add_func("/window/once", test_once);
    int failed = g_test_run();
    vips_shutdown();
    return failed;
}
