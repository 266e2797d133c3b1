// SPDX-License-Identifier: MIT
//
// Resampling against the plain double sum, which is reckoned here from the definition alone, and
// what must hold exactly: flat stays flat, mirrored stays mirrored, nothing moves, opaque alpha
// changes no colour. Then the node: any regions give the same bytes, a source that can only go
// forward is enough, and reductions look as libvips' own.
#include "mpi_worker/kernels/resample.h"

#include "mpi_worker/image/node.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/ops/resample.h"
#include "tests/unit/mpi_worker/kernel_case.h"

#include <math.h>

// ---- the definition

static double plain_sinc(double t) {
    return t == 0 ? 1 : sin(G_PI * t) / (G_PI * t);
}

static double plain_weight(double distance, double scale) {
    double d = fabs(distance) * MIN(scale, 1);
    return d < 3 ? plain_sinc(d) * plain_sinc(d / 3) : 0;
}

/** out[0..to) from in[0..from), @step apart. */
static void plain_line(const double *in, int from, double *out, int to, int step) {
    double scale = (double)to / from;
    for (int i = 0; i < to; i++) {
        double sum = 0, weights = 0;
        for (int k = 0; k < from; k++) {
            double weight = plain_weight(k + 0.5 - (i + 0.5) / scale, scale);
            sum += weight * in[k * step];
            weights += weight;
        }
        out[i * step] = sum / weights;
    }
}

/** All of one plane; (transfer full). */
static double *plain_plane(const double *in, const struct picture *picture, int width, int height) {
    g_autofree double *between = g_new(double, picture->width *height);
    double *out = g_new(double, width *height);
    for (int x = 0; x < picture->width; x++) {
        plain_line(in + x, picture->height, between + x, height, picture->width);
    }
    for (int y = 0; y < height; y++) {
        plain_line(between + y * picture->width, picture->width, out + y * width, width, 1);
    }
    return out;
}

/** A band, times alpha if that is a band and is wanted. */
static double *plane_of(const struct picture *picture, int band, bool weighed) {
    int count = picture->width * picture->height;
    double *plane = g_new(double, count);
    for (int i = 0; i < count; i++) {
        const uint16_t *pixel = picture->samples + i * picture->bands;
        plane[i] = weighed ? (double)pixel[band] * pixel[picture->bands - 1] : pixel[band];
    }
    return plane;
}

// ---- the kernels over a whole picture

static const void *split_row(const struct picture *picture, int y) {
    int count = picture->width * picture->bands;
    g_autofree void *row = g_malloc_n((size_t)count, 2);
    void *planes = g_malloc_n((size_t)count, 2);
    for (int i = 0; i < count; i++) {
        put(row, picture->max, (size_t)i, picture->samples[y * count + i]);
    }
    if (picture->max == 255) {
        dm_resample_split_u8(row, picture->width, picture->bands, planes);
    } else {
        dm_resample_split_u16(row, picture->width, picture->bands, planes);
    }
    return planes;
}

static struct picture resampled(const struct picture *picture, int width, int height,
                                dm_resample_kernel *run) {
    struct picture out = {width, height, picture->bands, picture->max, NULL};
    struct dm_resample_axis across, down;
    g_assert_true(dm_resample_axis_init(&across, picture->width, width));
    g_assert_true(dm_resample_axis_init(&down, picture->height, height));
    g_autoptr(GPtrArray) planes = g_ptr_array_new_with_free_func(g_free);
    for (int y = 0; y < picture->height; y++) {
        g_ptr_array_add(planes, (void *)split_row(picture, y));
    }
    g_autofree const void **rows = g_new(const void *, down.taps);
    g_autofree void *column = g_malloc0(dm_resample_column_size(&across, picture->bands));
    g_autofree void *line = g_malloc_n((size_t)(width * out.bands), 2);
    out.samples = g_new(uint16_t, width * height * out.bands);

    for (int y = 0; y < height; y++) {
        for (int k = 0; k < down.taps; k++) {
            int at = MIN(down.spans[y].first + k, picture->height - 1);
            rows[k] = planes->pdata[at];
        }
        run(&(struct dm_resample_row){&across, &down, rows, y, 0, width, out.bands, column, line});
        for (int i = 0; i < width * out.bands; i++) {
            out.samples[y * width * out.bands + i] =
                picture->max == 255 ? ((uint8_t *)line)[i] : ((uint16_t *)line)[i];
        }
    }
    dm_resample_axis_clear(&across);
    dm_resample_axis_clear(&down);
    return out;
}

// ---- against the definition

static const struct {
    int width, height, to_width, to_height;
} shapes_to[] = {
    {1, 1, 1, 1},      {1, 1, 7, 5},    {1, 9, 1, 4},       {9, 1, 30, 1},      {2, 2, 31, 40},
    {2, 3, 1, 1},      {50, 50, 1, 1},  {100, 7, 2, 140},   {5, 4, 100, 80},    {33, 17, 20, 11},
    {64, 48, 32, 24},  {64, 3, 63, 4},  {301, 40, 120, 16}, {40, 301, 16, 120}, {100, 80, 160, 128},
    {400, 350, 8, 7},  {5000, 2, 7, 1}, {2, 4000, 1, 3},    {97, 101, 97, 50},  {50, 41, 9, 41},
    {300, 20, 47, 20}, {1, 200, 3, 10},
};

static void compare_plane(const struct picture *out, int band, const double *wanted, double bound) {
    for (int i = 0; i < out->width * out->height; i++) {
        double want = CLAMP(wanted[i], 0, out->max);
        int got = out->samples[i * out->bands + band];
        if (fabs(got - want) > bound) {
            g_error("to %d x %d, %d bands: sample %d,%d,%d is %d, expected %.3f", out->width,
                    out->height, out->bands, i % out->width, i / out->width, band, got, want);
        }
    }
}

/** The bound is of the distance to the exact, unrounded sum. */
static void check_plain(dm_resample_kernel *run, int bands, int max, int levels, double bound) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes_to); i++) {
        int width = shapes_to[i].to_width, height = shapes_to[i].to_height;
        struct picture in =
            picture_new(shapes_to[i].width, shapes_to[i].height, bands, max, levels);
        struct picture out = resampled(&in, width, height, run);
        for (int band = 0; band < bands; band++) {
            g_autofree double *plane = plane_of(&in, band, false);
            g_autofree double *wanted = plain_plane(plane, &in, width, height);
            compare_plane(&out, band, wanted, bound);
        }
        g_free(in.samples);
        g_free(out.samples);
    }
}

static void test_plain(void) {
    check_plain(dm_resample_u8, 1, 255, 256, 0.75);
    check_plain(dm_resample_u8, 2, 255, 256, 0.75);
    check_plain(dm_resample_u8, 3, 255, 2, 0.75); // black and white: the widest swings
    check_plain(dm_resample_u8, 4, 255, 256, 0.75);
    check_plain(dm_resample_u16, 1, 65535, 65536, 0.501);
    check_plain(dm_resample_u16, 3, 65535, 2, 0.501);
}

static void check_alpha(dm_resample_kernel *run, int bands, int max) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes_to); i++) {
        int width = shapes_to[i].to_width, height = shapes_to[i].to_height;
        struct picture in = picture_new(shapes_to[i].width, shapes_to[i].height, bands, max, 256);
        struct picture out = resampled(&in, width, height, run);
        g_autofree double *alphas = plane_of(&in, bands - 1, false);
        g_autofree double *alpha = plain_plane(alphas, &in, width, height);
        compare_plane(&out, bands - 1, alpha, 0.501);
        for (int band = 0; band + 1 < bands; band++) {
            g_autofree double *plane = plane_of(&in, band, true);
            g_autofree double *wanted = plain_plane(plane, &in, width, height);
            for (int at = 0; at < width * height; at++) {
                bool clear = out.samples[at * bands + bands - 1] == 0;
                wanted[at] = clear ? 0 : wanted[at] / alpha[at];
            }
            compare_plane(&out, band, wanted, 0.501);
        }
        g_free(in.samples);
        g_free(out.samples);
    }
}

static void test_alpha(void) {
    check_alpha(dm_resample_alpha_u8, 2, 255);
    check_alpha(dm_resample_alpha_u8, 4, 255);
    check_alpha(dm_resample_alpha_u16, 4, 65535);
}

// ---- what must hold exactly

/** Weights have the promised sum and leave the 32-bit sums room; so do those of any sizes. */
static void check_axis(int from, int to) {
    struct dm_resample_axis axis;
    g_assert_true(dm_resample_axis_init(&axis, from, to));
    for (int i = 0; i < to; i++) {
        int sum = 0, swing = 0;
        for (int k = 0; k < axis.taps; k++) {
            int weight = axis.weights[i * axis.taps + k];
            g_assert_cmpint(weight, ==, axis.narrow[i * axis.taps + k]);
            g_assert_true(weight == 0 || k < axis.spans[i].count);
            sum += weight;
            swing += ABS(weight);
        }
        g_assert_cmpint(sum, ==, 1 << axis.bits);
        g_assert_cmpfloat(swing, <, 1.6 * (1 << axis.bits));
        g_assert_cmpint(axis.spans[i].first, >=, 0);
        g_assert_cmpint(axis.spans[i].first + axis.spans[i].count, <=, from);
    }
    dm_resample_axis_clear(&axis);
}

static void test_axis(void) {
    for (int from = 1; from <= 60; from++) {
        for (int to = 1; to <= 200; to++) {
            check_axis(from, to);
        }
    }
    check_axis(65535, 1);
    check_axis(1, 65535);
    check_axis(4000, 1600);
    check_axis(5000, 99);
}

static void test_flat(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes_to); i++) {
        for (int v = 0; v <= 255; v += 15) {
            struct picture in = picture_new(shapes_to[i].width, shapes_to[i].height, 3, 255, 2);
            for (int at = 0; at < in.width * in.height * 3; at++) {
                in.samples[at] = (uint16_t)v;
            }
            struct picture out =
                resampled(&in, shapes_to[i].to_width, shapes_to[i].to_height, dm_resample_u8);
            for (int at = 0; at < out.width * out.height * 3; at++) {
                g_assert_cmpint(out.samples[at], ==, v);
            }
            g_free(in.samples);
            g_free(out.samples);
        }
    }
}

/** Turned by 180 degrees: mirrored in both directions. */
static void turn(struct picture *picture) {
    int pixels = picture->width * picture->height;
    for (int i = 0; i < pixels / 2; i++) {
        for (int band = 0; band < picture->bands; band++) {
            uint16_t *a = picture->samples + i * picture->bands + band;
            uint16_t *b = picture->samples + (pixels - 1 - i) * picture->bands + band;
            uint16_t keep = *a;
            *a = *b;
            *b = keep;
        }
    }
}

static void test_mirror(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(shapes_to); i++) {
        int width = shapes_to[i].to_width, height = shapes_to[i].to_height;
        struct picture in = picture_new(shapes_to[i].width, shapes_to[i].height, 3, 255, 256);
        struct picture out = resampled(&in, width, height, dm_resample_u8);
        turn(&in);
        turn(&out);
        struct picture other = resampled(&in, width, height, dm_resample_u8);
        size_t size = (size_t)(width * height * 3) * sizeof(*out.samples);
        g_assert_true(memcmp(out.samples, other.samples, size) == 0);
        g_free(in.samples);
        g_free(out.samples);
        g_free(other.samples);
    }
}

/** The centre of gravity of a blob in the middle stays in the middle. */
static void test_centre(void) {
    static const int sides[] = {16, 25, 40, 41, 64, 100, 333};
    struct picture in = picture_new(64, 64, 1, 255, 2);
    for (int i = 0; i < 64 * 64; i++) {
        double x = i % 64 - 31.5, y = i / 64 - 31.5;
        in.samples[i] = (uint16_t)lrint(250 * exp(-(x * x + y * y) / 128));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        struct picture out = resampled(&in, sides[i], sides[i], dm_resample_u8);
        double sum = 0, right = 0, below = 0;
        for (int at = 0; at < sides[i] * sides[i]; at++) {
            sum += out.samples[at];
            right += out.samples[at] * (at % sides[i] + 0.5);
            below += out.samples[at] * (at / sides[i] + 0.5);
        }
        g_assert_cmpfloat_with_epsilon(right / sum, sides[i] / 2.0, 1e-9);
        g_assert_cmpfloat_with_epsilon(below / sum, sides[i] / 2.0, 1e-9);
        g_free(out.samples);
    }
    g_free(in.samples);
}

// ---- the node

/** Soft blobs with some noise, as a photo has; the last band of 2 or 4 is alpha. */
static VipsImage *photo(int width, int height, int bands, bool wide, bool opaque) {
    int count = width * height * bands;
    size_t size = (size_t)count * (wide ? 2 : 1);
    g_autofree void *samples = g_malloc(size);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    for (int i = 0; i < count; i++) {
        int band = i % bands, x = i / bands % width, y = i / bands / width;
        double v = 120 + 50 * sin(x / 17. + band) + 40 * cos(y / 23. - x / 31.);
        v += (x / 50 + y / 40) % 2 ? 20 : 0;
        v += g_rand_double_range(rand, -6, 6);
        bool full = bands % 2 == 0 && band == bands - 1 && (opaque || y > height / 2);
        put(samples, wide ? 65535 : 255, (size_t)i, full ? (wide ? 65535 : 255) : (int)v);
    }
    VipsImage *image = vips_image_new_from_memory_copy(
        samples, size, width, height, bands, wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
    g_assert_nonnull(image);
    return image;
}

static VipsImage *node(VipsImage *in, int width, int height) {
    g_autoptr(GError) error = NULL;
    VipsImage *out = NULL;
    dm_node_resample(in, width, height, &out, &error);
    g_assert_no_error(error);
    return out;
}

static void assert_same(VipsImage *a, VipsImage *b) {
    size_t size = dm_image_row_size(a) * (size_t)a->Ysize;
    g_assert_true(memcmp(dm_image_row(a, 0), dm_image_row(b, 0), size) == 0);
}

/** Tiles from the last to the first, each from a sequence that has been elsewhere. */
static void check_tiles(VipsImage *in, int width, int height) {
    g_autoptr(VipsImage) lazy = node(in, width, height);
    g_autoptr(VipsImage) whole = dm_strips_to_memory(lazy);
    g_assert_nonnull(whole);
    VipsRegion *region = vips_region_new(lazy);
    size_t pixel = dm_image_row_size(whole) / (size_t)width;
    for (int y = (height - 1) / 13 * 13; y >= 0; y -= 13) {
        for (int x = 0; x < width; x += 19) {
            VipsRect tile = {x, y, MIN(19, width - x), MIN(13, height - y)};
            g_assert_cmpint(vips_region_prepare(region, &tile), ==, 0);
            for (int row = y; row < y + tile.height; row++) {
                const char *wanted = (char *)dm_image_row(whole, row) + (size_t)x * pixel;
                size_t size = (size_t)tile.width * pixel;
                g_assert_true(memcmp(dm_region_at(region, x, row), wanted, size) == 0);
            }
        }
    }
    g_object_unref(region);
}

static void test_tiles(void) {
    for (int bands = 1; bands <= 4; bands++) {
        for (int wide = 0; wide <= 1; wide++) {
            g_autoptr(VipsImage) in = photo(150, 330, bands, wide, false);
            check_tiles(in, 60, 132);
            check_tiles(in, 190, 400);
            check_tiles(in, 20, 7);
            check_tiles(in, 150, 40);
        }
    }
}

static int next_row; // of the forward-only source

static int forward_only(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)a;
    (void)b;
    (void)stop;
    const VipsRect *r = &out->valid;
    g_assert_cmpint(r->top, ==, next_row);
    next_row = r->top + r->height;
    if (vips_region_prepare(sequence, r) != 0) {
        return -1;
    }
    return vips_region_region(out, sequence, r, r->left, r->top);
}

static void test_forward(void) {
    static const int heights[] = {1, 5, 40, 400, 999, 1000, 2600};
    g_autoptr(VipsImage) in = photo(90, 1000, 3, false, false);
    for (size_t i = 0; i < G_N_ELEMENTS(heights); i++) {
        g_autoptr(VipsImage) source = vips_image_new();
        g_assert_cmpint(vips_image_pipelinev(source, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL), ==, 0);
        g_assert_cmpint(
            vips_image_generate(source, vips_start_one, forward_only, vips_stop_one, in, NULL), ==,
            0);
        next_row = 0;
        g_autoptr(VipsImage) lazy = node(source, 45, heights[i]);
        g_autoptr(VipsImage) got = dm_strips_to_memory(lazy);
        g_assert_nonnull(got);
        g_assert_cmpint(next_row, ==, 1000);
        g_autoptr(VipsImage) direct = node(in, 45, heights[i]);
        g_autoptr(VipsImage) wanted = dm_strips_to_memory(direct);
        assert_same(got, wanted);
    }
}

/** Full alpha gives the colours of the picture without alpha. */
static void check_opaque(bool wide, int width, int height) {
    g_autoptr(VipsImage) in = photo(150, 130, 4, wide, true);
    g_autoptr(VipsImage) lazy = node(in, width, height);
    g_autoptr(VipsImage) colours = NULL;
    g_autoptr(VipsImage) rgb = NULL;
    g_assert_cmpint(vips_extract_band(lazy, &colours, 0, "n", 3, NULL), ==, 0);
    g_assert_cmpint(vips_extract_band(in, &rgb, 0, "n", 3, NULL), ==, 0);
    g_autoptr(VipsImage) other = node(rgb, width, height);
    g_autoptr(VipsImage) got = dm_strips_to_memory(colours);
    g_autoptr(VipsImage) wanted = dm_strips_to_memory(other);
    assert_same(got, wanted);
}

static void test_opaque(void) {
    check_opaque(false, 61, 55);
    check_opaque(false, 200, 170);
    check_opaque(true, 61, 55);
    check_opaque(true, 200, 170);
}

/** What is transparent lends its neighbours no colour. */
static void test_clear(void) {
    uint8_t pixels[40 * 40 * 4];
    for (size_t i = 0; i < sizeof(pixels); i += 4) {
        bool clear = i / 4 % 40 < 21;
        memcpy(pixels + i, clear ? "\xff\x00\x00\x00" : "\x00\x00\xc8\xff", 4);
    }
    g_autoptr(VipsImage) in =
        vips_image_new_from_memory_copy(pixels, sizeof(pixels), 40, 40, 4, VIPS_FORMAT_UCHAR);
    for (int side = 5; side <= 90; side += 17) {
        g_autoptr(VipsImage) lazy = node(in, side, side);
        g_autoptr(VipsImage) out = dm_strips_to_memory(lazy);
        for (int i = 0; i < side * side; i++) {
            const uint8_t *pixel = out->data + (size_t)i * 4;
            g_assert_cmpint(pixel[0], ==, 0);
            g_assert_cmpint(pixel[2], ==, pixel[3] ? 200 : 0);
        }
    }
}

static void check_vips(int width, int height, int to_width, int to_height) {
    g_autoptr(VipsImage) in = photo(width, height, 3, false, false);
    g_autoptr(VipsImage) theirs = NULL;
    double across = (double)to_width / width, down = (double)to_height / height;
    g_assert_cmpint(
        vips_resize(in, &theirs, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, NULL), ==,
        0);
    g_autoptr(VipsImage) ours = node(in, to_width, to_height);
    g_autoptr(VipsImage) a = dm_strips_to_memory(ours);
    g_autoptr(VipsImage) b = dm_strips_to_memory(theirs);
    double sum = 0;
    int count = to_width * to_height * 3;
    g_assert_true(a->Xsize == b->Xsize && a->Ysize == b->Ysize);
    for (int i = 0; i < count; i++) {
        sum += abs(a->data[i] - b->data[i]);
    }
    g_assert_cmpfloat(sum / count, <, 1);
}

static void test_vips(void) {
    check_vips(1000, 750, 400, 300);
    check_vips(1000, 750, 800, 600);
    check_vips(1000, 750, 333, 250);
    check_vips(1000, 750, 100, 75);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (VIPS_INIT(argv[0]) != 0) {
        return 1;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    g_test_add_func("/kernels/resample/axis", test_axis);
    g_test_add_func("/kernels/resample/plain", test_plain);
    g_test_add_func("/kernels/resample/alpha", test_alpha);
    g_test_add_func("/kernels/resample/flat", test_flat);
    g_test_add_func("/kernels/resample/mirror", test_mirror);
    g_test_add_func("/kernels/resample/centre", test_centre);
    g_test_add_func("/node/resample/tiles", test_tiles);
    g_test_add_func("/node/resample/forward", test_forward);
    g_test_add_func("/node/resample/opaque", test_opaque);
    g_test_add_func("/node/resample/clear", test_clear);
    g_test_add_func("/node/resample/vips", test_vips);
    int failed = g_test_run();
    vips_shutdown();
    return failed;
}
