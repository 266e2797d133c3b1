// SPDX-License-Identifier: MIT
//
// What trim, pad and srgb find and make, on pictures that are known; with JPEG's noise where that
// matters.
#include "tests/unit/mpi_worker/bench.h"

/** A picture of @width x @height on a canvas with @left, @top, @right, @bottom of one colour. */
static VipsImage *framed(VipsImage *picture, const int *margin, double colour) {
    VipsImage *out = NULL;
    VipsArrayDouble *ink = vips_array_double_newv(1, colour);
    g_assert_cmpint(vips_embed(picture, &out, margin[0], margin[1],
                               picture->Xsize + margin[0] + margin[2],
                               picture->Ysize + margin[1] + margin[3], "extend",
                               VIPS_EXTEND_BACKGROUND, "background", ink, NULL),
                    ==, 0);
    vips_area_unref(VIPS_AREA(ink));
    g_object_unref(picture);
    return out;
}

static VipsImage *flat(int width, int height, double value) {
    VipsImage *black = NULL, *linear = NULL, *out = NULL;
    vips_black(&black, width, height, "bands", 3, NULL);
    vips_linear1(black, &linear, 1, value, "uchar", TRUE, NULL);
    vips_copy(linear, &out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
    g_object_unref(black);
    g_object_unref(linear);
    return out;
}

static void expect_size(const char *chain, const char *name, int width, int height) {
    struct dm_result result = bench_run(chain, name);
    g_test_message("%s %s: %s", chain, name, result.message);
    g_assert_cmpstr(dm_status_name(result.status), ==, "done");
    g_assert_cmpint(result.width_px, ==, width);
    g_assert_cmpint(result.height_px, ==, height);
    dm_result_clear(&result);
}

static void test_trim(void) {
    static const int margin[] = {7, 20, 31, 5};
    static const struct {
        int bands;
        bool wide;
    } kinds[] = {{1, false}, {3, false}, {1, true}, {3, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        VipsImage *block = kinds[i].bands == 3 && !kinds[i].wide
                               ? flat(60, 40, 90)
                               : paint(60, 40, kinds[i].bands, kinds[i].wide);
        drop_image(framed(block, margin, kinds[i].wide ? 65535 : 255), "t.png");
        bench_done("trim-0", "t.png", "");
        VipsImage *out = see_out(1);
        g_assert_cmpint(out->Xsize, ==, 60);
        g_assert_cmpint(out->Ysize, ==, 40);
        g_object_unref(out);
    }
}

/** Noise below the tolerance and a speck of dust are border; the tolerance is a limit. */
static void test_trim_noise(void) {
    static const int margin[] = {48, 32, 16, 64};
    drop_image(framed(flat(800, 600, 90), margin, 250), "t.jpg[Q=60]");
    expect_size("trim", "t.jpg", 800, 600);
    drop_image(framed(flat(800, 600, 90), margin, 95), "t.png");
    expect_size("trim-4", "t.png", 800, 600);
    bench_done("trim-5", "t.png", "trim found nothing but border, so it is all kept");

    VipsImage *image = framed(flat(1400, 1300, 90), margin, 250), *memory = NULL;
    memory = vips_image_copy_memory(image);
    g_object_unref(image);
    double black[] = {0, 0, 0};
    g_assert_cmpint(vips_draw_point(memory, black, 3, 500, 3, NULL), ==, 0);
    drop_image(memory, "dust.png");
    expect_size("trim", "dust.png", 1400, 1300);
}

static void test_trim_keeps(void) {
    static const char remark[] = "trim found nothing but border, so it is all kept";
    drop_image(flat(50, 40, 255), "w.png");
    bench_done("trim", "w.png", remark);
    VipsImage *out = see_out(1);
    g_assert_cmpint(out->Xsize, ==, 50);
    g_object_unref(out);
    drop_image(paint(60, 40, 3, false), "p.png"); // a ramp: no border
    bench_done("trim-0", "p.png", "");
    out = see_out(1);
    g_assert_cmpint(out->Xsize, ==, 60);
    g_object_unref(out);
}

/** What is transparent is alike, whatever its colour. */
static void test_trim_alpha(void) {
    VipsImage *inner = flat(30, 20, 200), *opaque = NULL, *wide = NULL, *colours = NULL;
    vips_addalpha(inner, &opaque, NULL);
    vips_embed(opaque, &wide, 9, 5, 50, 40, NULL);
    colours = vips_image_copy_memory(wide);
    double pink[] = {255, 0, 255, 0};
    g_assert_cmpint(vips_draw_rect(colours, pink, 4, 0, 30, 50, 10, "fill", TRUE, NULL), ==, 0);
    g_object_unref(inner);
    g_object_unref(opaque);
    g_object_unref(wide);
    drop_image(colours, "a.png");
    expect_size("trim", "a.png", 30, 20);
}

// ---- pad

static void expect_pixel(VipsImage *image, int x, int y, const double *want, int bands) {
    double *got = NULL;
    int count = 0;
    g_assert_cmpint(vips_getpoint(image, &got, &count, x, y, NULL), ==, 0);
    g_assert_cmpint(count, ==, bands);
    for (int band = 0; band < bands; band++) {
        g_assert_cmpfloat(got[band], ==, want[band]);
    }
    g_free(got);
}

static void test_pad(void) {
    static const struct {
        const char *chain;
        int bands;
        bool wide;
        int bands_out;
        double corner[4];
    } cases[] = {
        {"pad-5", 3, false, 3, {255, 255, 255}},
        {"pad-5-black", 1, false, 1, {0}},
        {"pad-5-gray", 1, true, 1, {128 * 257}},
        {"pad-5-red", 1, false, 3, {255, 0, 0}},
        {"pad-5-red", 1, true, 3, {65535, 0, 0}},
        {"pad-5-ff8000", 3, true, 3, {65535, 128 * 257, 0}},
        {"pad-5-red", 2, false, 4, {255, 0, 0, 255}},
        {"pad-5-white", 4, false, 4, {255, 255, 255, 255}},
        {"pad-5-transparent", 3, false, 4, {0, 0, 0, 0}},
        {"pad-5-transparent", 1, true, 2, {0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        drop_image(paint(40, 30, cases[i].bands, cases[i].wide), "p.png");
        bench_done(cases[i].chain, "p.png", "");
        VipsImage *out = see_out(1);
        g_test_message("%s of %d bands", cases[i].chain, cases[i].bands);
        expect_pixel(out, 0, 0, cases[i].corner, cases[i].bands_out);
        expect_pixel(out, 49, 39, cases[i].corner, cases[i].bands_out);
        g_object_unref(out);
    }
}

static void test_pad_place(void) {
    static const struct {
        const char *chain;
        int left, top; // where the picture's own corner must be
    } cases[] = {{"pad-101x81", 20, 15},
                 {"pad-101x81-northwest", 0, 0},
                 {"pad-101x81-bottomright", 41, 31},
                 {"pad-101x81-south", 20, 31},
                 {"pad-10x81-left", 0, 15}};
    drop_image(flat(60, 50, 7), "p.png");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        static const double seven[] = {7, 7, 7}, white[] = {255, 255, 255};
        bench_done(cases[i].chain, "p.png", "");
        VipsImage *out = see_out(1);
        expect_pixel(out, cases[i].left, cases[i].top, seven, 3);
        if (cases[i].left > 0) {
            expect_pixel(out, cases[i].left - 1, cases[i].top, white, 3);
        }
        if (cases[i].top > 0) {
            expect_pixel(out, cases[i].left, cases[i].top - 1, white, 3);
        }
        g_object_unref(out);
    }
}

// ---- srgb

static VipsImage *profiled(VipsImage *in, const char *profile) {
    VipsImage *out = NULL;
    g_assert_cmpint(vips_icc_transform(in, &out, profile, "input_profile", "srgb", "depth",
                                       in->BandFmt == VIPS_FORMAT_USHORT ? 16 : 8, NULL),
                    ==, 0);
    g_object_unref(in);
    return out;
}

/** The colours of the middle of sRGB survive the way to P3 and back. */
static void test_srgb(void) {
    static const struct {
        int bands;
        bool wide;
    } kinds[] = {{3, false}, {4, false}, {3, true}, {4, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        VipsImage *in = paint(120, 90, kinds[i].bands, kinds[i].wide);
        drop_image(profiled(g_object_ref(in), "p3"), "c.png");
        VipsImage *p3 = see_in("c.png", 1);
        bench_done("srgb", "c.png", "");
        VipsImage *out = see_out(1);
        int max = kinds[i].wide ? 257 : 1;
        g_assert_cmpfloat(mean_difference(p3, in), >, 2 * max);
        g_assert_cmpfloat(mean_difference(out, in), <, 0.6 * max);
        g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_ICC_NAME), !=, 0);
        g_object_unref(p3);
        g_object_unref(in);
        g_object_unref(out);
    }
}

static void test_srgb_stays(void) {
    drop_image(paint(120, 90, 3, false), "n.png");
    bench_done("srgb", "n.png", "");
    VipsImage *out = see_out(1), *in = see_in("n.png", 1);
    g_assert_cmpfloat(difference(in, out), ==, 0);
    g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_ICC_NAME), ==, 0);
    g_object_unref(in);
    g_object_unref(out);

    drop_image(profiled(paint(120, 90, 3, false), "srgb"), "s.png");
    bench_done("srgb", "s.png", "");
    out = see_out(1), in = see_in("s.png", 1);
    g_assert_cmpfloat(difference(in, out), ==, 0);
    g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_ICC_NAME), !=, 0);
    g_object_unref(in);
    g_object_unref(out);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/geometry/trim", test_trim);
    g_test_add_func("/geometry/trim_noise", test_trim_noise);
    g_test_add_func("/geometry/trim_keeps", test_trim_keeps);
    g_test_add_func("/geometry/trim_alpha", test_trim_alpha);
    g_test_add_func("/geometry/pad", test_pad);
    g_test_add_func("/geometry/pad_place", test_pad_place);
    g_test_add_func("/geometry/srgb", test_srgb);
    g_test_add_func("/geometry/srgb_stays", test_srgb_stays);
    int failed = g_test_run();
    bench_close();
    return failed;
}
