// SPDX-License-Identifier: MIT
//
// Fidelity: what goes in comes out, in pixels and in metadata, for every format that we write.
// Verdicts on bad files are in test_pipeline.c.
#include "tests/unit/mpi_worker/bench.h"

#include "mpi_worker/codec/scan.h"
#include "mpi_worker/meta/exif.h"

#include <math.h>

/** Run @chain on @name; compare with @expected (transfer full): at most @limit off on average. */
static void expect(const char *chain, const char *name, VipsImage *expected, double limit) {
    bench_done(chain, name, "");
    VipsImage *out = see_out(1);
    g_test_message("%s %s", chain, name);
    g_assert_cmpint(out->Bands, ==, expected->Bands);
    g_assert_cmpint(out->BandFmt, ==, expected->BandFmt);
    if (limit == 0) {
        g_assert_cmpfloat(difference(out, expected), ==, 0);
    }
    g_assert_cmpfloat(mean_difference(out, expected), <=, limit);
    g_object_unref(out);
    g_object_unref(expected);
}

/** Lossless formats give back the same samples; lossy ones nearly. */
static void test_copy(void) {
    static const struct {
        const char *save; // name and libvips' options
        const char *name;
        int bands;
        bool wide;
        double limit;
    } cases[] = {
        {"a.jpg[Q=90,subsample_mode=on]", "a.jpg", 3, false, 2},
        {"b.jpg[Q=90,subsample_mode=off]", "b.jpg", 3, false, 2},
        {"c.jpg[Q=90]", "c.jpg", 1, false, 2},
        {"d.jpg[interlace]", "d.jpg", 3, false, 2},
        {"a.png", "a.png", 3, false, 0},
        {"b.png", "b.png", 1, false, 0},
        {"c.png", "c.png", 2, false, 0},
        {"d.png", "d.png", 4, false, 0},
        {"e.png", "e.png", 3, true, 0},
        {"f.png", "f.png", 1, true, 0},
        {"g.png", "g.png", 4, true, 0},
        {"h.png[interlace]", "h.png", 3, false, 0},
        {"i.png[palette,bitdepth=4]", "i.png", 3, false, 0},
        {"j.png[palette]", "j.png", 4, false, 0},
        {"k.png[bitdepth=1]", "k.png", 1, false, 0},
        {"l.png[bitdepth=2]", "l.png", 1, false, 0},
        {"m.png[bitdepth=4]", "m.png", 1, false, 0},
        {"a.tif", "a.tif", 3, false, 0},
        {"b.tif[compression=deflate]", "b.tif", 3, true, 0},
        {"c.tif[tile]", "c.tif", 4, false, 0},
        {"d.tif[bigtiff]", "d.tif", 1, false, 0},
        {"a.webp[lossless]", "a.webp", 3, false, 0},
        {"b.webp", "b.webp", 3, false, 3},
        {"a.gif", "a.gif", 3, false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        drop_image(paint(150, 131, cases[i].bands, cases[i].wide), cases[i].save);
        expect("copy", cases[i].name, see_in(cases[i].name, 1), cases[i].limit);
    }
}

static struct dm_header header_of_result(bool (*scan)(const uint8_t *, size_t,
                                                      struct dm_header *)) {
    g_autofree char *path = out_path(), *data = NULL;
    size_t size = 0;
    struct dm_header header;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    g_assert_true(scan((const uint8_t *)data, size, &header));
    return header;
}

static void test_jpeg_stays_what_it_is(void) {
    static const struct {
        const char *options;
        bool progressive;
        int h, v;
    } cases[] = {
        {"[subsample_mode=on]", false, 2, 2},
        {"[subsample_mode=off]", false, 1, 1},
        {"[subsample_mode=off,interlace]", true, 1, 1},
        {"[subsample_mode=on,interlace]", true, 2, 2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("s.jpg%s", cases[i].options);
        drop_image(paint(100, 80, 3, false), name);
        bench_done("mirror_jpeg-95", "s.jpg", "");
        struct dm_header header = header_of_result(dm_scan_jpeg);
        g_assert_true(header.progressive == cases[i].progressive);
        g_assert_cmpint(header.h_sampling, ==, cases[i].h);
        g_assert_cmpint(header.v_sampling, ==, cases[i].v);
    }
}

static void test_png_stays_small(void) {
    static const struct {
        const char *options, *chain;
        int bands, depth;
        bool palette;
    } cases[] = {
        {"[palette,bitdepth=4]", "mirror", 3, 4, true},
        {"[palette,bitdepth=2]", "copy", 3, 2, true},
        {"[bitdepth=1]", "flip", 1, 1, false},
        {"[bitdepth=1]", "invert", 1, 1, false},
        {"[bitdepth=1]", "blur-5", 1, 8, false},
        {"[palette]", "blur-3", 4, 8, false},
        {"", "copy", 1, 8, false},
        {"[bitdepth=2]", "copy", 1, 2, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("p.png%s", cases[i].options);
        drop_image(paint(300, 200, cases[i].bands, false), name);
        bench_done(cases[i].chain, "p.png", "");
        struct dm_header header = header_of_result(dm_scan_png);
        g_test_message("%s %s", cases[i].options, cases[i].chain);
        g_assert_true(header.palette == cases[i].palette);
        g_assert_cmpint(header.depth_bits, ==, cases[i].depth);
    }
}

// ---- orientation

static VipsImage *upright(const char *name) {
    VipsImage *in = see_in(name, 1), *out = NULL;
    g_assert_cmpint(vips_autorot(in, &out, NULL), ==, 0);
    g_object_unref(in);
    VipsImage *memory = dm_strips_to_memory(out);
    g_object_unref(out);
    return memory;
}

static void drop_rotated(const char *name, int width, int height, int orientation) {
    VipsImage *image = paint(width, height, 3, false);
    vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
    drop_image(image, name);
}

static void expect_upright(const char *chain, const char *name, VipsImage *expected, int tag) {
    bench_done(chain, name, "");
    g_autofree char *path = out_path();
    VipsImage *raw = see(path, 1), *out = NULL;
    g_assert_cmpint(vips_image_get_orientation(raw), ==, tag);
    g_assert_cmpint(vips_autorot(raw, &out, NULL), ==, 0);
    g_assert_cmpfloat(mean_difference(out, expected), <, 2);
    g_object_unref(raw);
    g_object_unref(out);
}

/** Tall enough that reading out of order fails where it is not allowed for. */
static void test_orientation(void) {
    for (int orientation = 1; orientation <= 8; orientation++) {
        drop_rotated("r.jpg", 300, 900, orientation);
        VipsImage *as_seen = upright("r.jpg"), *mirrored = NULL;
        vips_flip(as_seen, &mirrored, VIPS_DIRECTION_HORIZONTAL, NULL);
        g_test_message("orientation %d", orientation);
        expect_upright("copy", "r.jpg", as_seen, orientation); // the tag stays
        expect_upright("invert_invert", "r.jpg", as_seen, orientation);
        expect_upright("orient", "r.jpg", as_seen, 1); // into the pixels
        expect_upright("strip", "r.jpg", as_seen, 1);
        expect_upright("mirror", "r.jpg", mirrored, 1);
        expect_upright("mirror_mirror", "r.jpg", as_seen, 1); // once only
        expect_upright("png", "r.jpg", as_seen, 1);           // PNG readers look for no tag
        expect_upright("webp-95", "r.jpg", as_seen, 1);
        expect_upright("tiff", "r.jpg", as_seen, 1);
        g_object_unref(as_seen);
        g_object_unref(mirrored);
    }
}

/** resize's own size comes from the upright picture, whether or not the decoder shrinks. */
static void test_orientation_and_shrink(void) {
    for (int orientation = 1; orientation <= 8; orientation++) {
        drop_rotated("r.jpg", 1601, 1203, orientation);
        VipsImage *as_seen = upright("r.jpg"), *small = NULL;
        struct dm_result result = bench_run("resize-100x", "r.jpg");
        int height = orientation < 5 ? 75 : 133;
        g_assert_cmpstr(result.message, ==, "");
        g_assert_cmpint(result.width_px, ==, 100);
        g_assert_cmpint(result.height_px, ==, height);
        dm_result_clear(&result);
        vips_resize(as_seen, &small, 100.0 / as_seen->Xsize, "vscale",
                    (double)height / as_seen->Ysize, NULL);
        VipsImage *out = see_out(1);
        g_assert_cmpfloat(mean_difference(out, small), <, 2);
        g_object_unref(as_seen);
        g_object_unref(small);
        g_object_unref(out);
        result = bench_run("resize-10pct", "r.jpg");
        g_assert_cmpint(result.width_px, ==, orientation < 5 ? 160 : 120);
        dm_result_clear(&result);
    }
}

// ---- metadata

/** A JPEG with everything: profile, EXIF with a thumbnail and sizes, XMP, IPTC, 300 dpi. */
static void drop_rich(const char *name) {
    VipsImage *image = paint(400, 300, 3, false), *rich = NULL;
    static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
    static const char iptc[] = "Photoshop 3.0\0"
                               "8BIM\4\4\0\0\0\0\0\10\x1C\2\x78\0\3"
                               "abc";
    vips_icc_transform(image, &rich, "p3", "input_profile", "srgb", NULL);
    g_object_unref(image);
    vips_image_set_string(rich, "exif-ifd0-Model",
                          "Camera 7 (Camera 7, ASCII, 9 components, 9 bytes)");
    vips_image_set_string(rich, "exif-ifd3-GPSLatitude",
                          "46/1 57/1 0/1 (46, 57,  0, Rational, 3 components, 24 bytes)");
    vips_image_set_string(rich, "exif-ifd2-PixelXDimension",
                          "9999 (9999, Long, 1 components, 4 bytes)");
    vips_image_set_blob_copy(rich, VIPS_META_XMP_NAME, xmp, sizeof(xmp) - 1);
    vips_image_set_blob_copy(rich, VIPS_META_IPTC_NAME, iptc, sizeof(iptc) - 1);
    VipsImage *dense = NULL;
    vips_copy(rich, &dense, "xres", 300 / 25.4, "yres", 300 / 25.4, NULL);
    g_object_unref(rich);
    drop_image(dense, name);
}

static bool has_blob(VipsImage *image, const char *name) {
    return vips_image_get_typeof(image, name) == VIPS_TYPE_BLOB;
}

/** What a file says of itself. */
static struct dm_meta *read_meta(const char *path) {
    g_autofree char *bytes = NULL;
    gsize size = 0;
    struct dm_sniff sniff;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    dm_sniff((const uint8_t *)bytes, size, &sniff);
    return dm_meta_read(sniff.codec->info->name, (const uint8_t *)bytes, size, 0);
}

static bool holds(GBytes *block, const char *word) {
    gsize size = 0;
    const void *data = block != NULL ? g_bytes_get_data(block, &size) : NULL;
    return data != NULL && memmem(data, size, word, strlen(word)) != NULL;
}

/** EXIF's PixelXDimension. */
static int64_t said_width(GBytes *block) {
    struct dm_exif exif;
    struct dm_exif_entry entry;
    gsize size = 0;
    const void *data = g_bytes_get_data(block, &size);
    g_autofree uint8_t *copy = g_memdup2(data, size);
    g_assert_true(dm_exif_open(&exif, copy, size));
    g_assert_cmpuint(exif.directories[DM_EXIF_IFD1], ==, 0); // no thumbnail
    return dm_exif_find(&exif, DM_EXIF_EXIF, 0xA002, &entry) ? dm_exif_number(&exif, &entry, 0, 0)
                                                             : 0;
}

static void test_metadata(void) {
    static const char lost[] = "IPTC and Photoshop's block left out of the webp";
    static const struct {
        const char *chain, *remark;
        int width;
    } cases[] = {
        {"copy", "", 400}, {"resize-100", "", 100}, {"rotate-90", "", 300},
        {"png", "", 400},  {"webp", lost, 400},     {"tiff", "", 400},
    };
    drop_rich("rich.jpg");
    g_autofree char *from = in_path("rich.jpg");
    struct dm_meta *in = read_meta(from);
    g_assert_nonnull(in->photoshop);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bench_done(cases[i].chain, "rich.jpg", cases[i].remark);
        g_autofree char *to = out_path();
        struct dm_meta *out = read_meta(to);
        bool webp = strcmp(cases[i].chain, "webp") == 0;
        g_test_message("%s", cases[i].chain);
        g_assert_true(g_bytes_equal(in->colour.profile, out->colour.profile));
        g_assert_true(g_bytes_equal(in->xmp, out->xmp));
        g_assert_true(holds(out->exif, "Camera 7"));
        g_assert_cmpint(said_width(out->exif), ==, cases[i].width);
        g_assert_true(webp || g_bytes_equal(in->photoshop, out->photoshop));
        g_assert_cmpint((int)(out->resolution.x * (out->resolution.unit == 2 ? 2.54 : 1) + 0.5), ==,
                        300);
        dm_meta_free(out);
    }
    dm_meta_free(in);
}

static void test_strip(void) {
    static const char *const chains[] = {"strip", "strip_webp", "strip_png"};
    drop_rich("rich.jpg");
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        bench_done(chains[i], "rich.jpg", "");
        g_autofree char *path = out_path();
        struct dm_meta *out = read_meta(path);
        g_assert_nonnull(out->colour.profile);
        g_assert_null(out->xmp);
        g_assert_null(out->photoshop);
        g_assert_null(out->exif);
        dm_meta_free(out);
    }
}

static void test_profile_of_gray(void) {
    drop_rich("rich.jpg");
    bench_done("gray", "rich.jpg", "");
    VipsImage *out = see_out(1);
    g_assert_cmpint(out->Bands, ==, 1);
    g_assert_false(has_blob(out, VIPS_META_ICC_NAME)); // an RGB profile on gray breaks viewers
    g_object_unref(out);

    VipsImage *rich = see_in("rich.jpg", 1), *gray = paint(30, 20, 1, false); // a file that has it
    const void *profile = NULL;
    size_t size = 0;
    vips_image_get_blob(rich, VIPS_META_ICC_NAME, &profile, &size);
    vips_image_set_blob_copy(gray, VIPS_META_ICC_NAME, profile, size);
    g_object_unref(rich);
    drop_image(gray, "odd.tif");
    bench_done("copy", "odd.tif",
               "its colour profile is for another kind of picture, so it is ignored");
    out = see_out(1);
    g_assert_false(has_blob(out, VIPS_META_ICC_NAME));
    g_object_unref(out);
}

// ---- what an output cannot hold

static void test_alpha_on_white(void) {
    VipsImage *clear = NULL, *clear_srgb = NULL;
    vips_black(&clear, 20, 10, "bands", 4, NULL);
    vips_copy(clear, &clear_srgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
    g_object_unref(clear);
    drop_image(clear_srgb, "clear.png");
    bench_done("jpeg", "clear.png", "transparency laid on white");
    VipsImage *out = see_out(1);
    double average = 0;
    vips_avg(out, &average, NULL);
    g_assert_cmpint(out->Bands, ==, 3);
    g_assert_cmpfloat(average, ==, 255);
    g_object_unref(out);
}

static void test_16_bits_reduced(void) {
    drop_image(paint(64, 64, 3, true), "wide.png");
    bench_done("jpeg-95", "wide.png", "reduced from 16 to 8 bits");
    VipsImage *out = see_out(1), *narrow = paint(64, 64, 3, false);
    g_assert_cmpfloat(mean_difference(out, narrow), <, 2);
    g_object_unref(out);
    g_object_unref(narrow);
}

static void test_cmyk(void) {
    static const char *const names[] = {"cmyk.jpg", "cmyk.tif"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        VipsImage *rgb = paint(200, 150, 3, false), *cmyk = NULL, *plain = NULL;
        vips_icc_transform(rgb, &cmyk, "cmyk", "input_profile", "srgb", NULL);
        vips_copy(cmyk, &plain, NULL);
        vips_image_remove(plain, VIPS_META_ICC_NAME); // the built-in one steps in
        g_object_unref(cmyk);
        g_object_unref(rgb);
        drop_image(plain, names[i]);
        bench_done("invert_invert", names[i], "CMYK converted to sRGB");
        VipsImage *out = see_out(1);
        g_assert_cmpint(out->Bands, ==, 3);
        VipsImage *in = see_in(names[i], 1), *expected = NULL;
        vips_icc_transform(in, &expected, "srgb", "input_profile", "cmyk",
                           "black_point_compensation", TRUE, NULL);
        g_assert_cmpfloat(mean_difference(out, expected), <, 2);
        g_object_unref(in);
        g_object_unref(expected);
        g_object_unref(out);
    }
}

// ---- steps

/** Reading out of order fails only on tall pictures, so these are. */
static void test_any_order(void) {
    static const char *const chains[] = {"flip_flip", "rotate-90_rotate-270",
                                         "rotate-180_flip_mirror", "invert_flip_invert_flip",
                                         "mirror_flip_mirror_flip"};
    drop_image(paint(120, 3000, 3, false), "tall.png");
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        expect(chains[i], "tall.png", see_in("tall.png", 1), 0);
    }
}

static void test_points_fold(void) {
    drop_image(paint(120, 90, 4, false), "p.png");
    drop_image(paint(120, 90, 3, true), "w.png");
    expect("invert_invert", "p.png", see_in("p.png", 1), 0); // alpha too
    expect("invert_invert", "w.png", see_in("w.png", 1), 0);
    bench_done("invert_brighten-20_darken-50", "p.png", "");
    VipsImage *folded = see_out(1);
    static const char *const steps[] = {"invert", "brighten-20", "darken-50"};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) { // one at a time, by way of files
        bench_done(steps[i], "p.png", "");
        drop_image(see_out(1), "p.png");
    }
    VipsImage *single = see_in("p.png", 1);
    g_assert_cmpfloat(difference(folded, single), ==, 0);
    g_object_unref(folded);
    g_object_unref(single);
}

static void test_extreme_sizes(void) {
    static const struct {
        int width, height;
    } sizes[] = {{1, 1}, {20000, 1}, {1, 20000}, {63, 65}, {2, 3}};
    static const char *const formats[] = {"e.jpg", "e.png", "e.tif", "e.gif"};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(formats); k++) {
            drop_image(paint(sizes[i].width, sizes[i].height, 3, false), formats[k]);
            struct dm_result result = bench_run("flip_invert", formats[k]);
            g_assert_cmpstr(result.message, ==, "");
            g_assert_cmpint(result.width_px, ==, sizes[i].width);
            g_assert_cmpint(result.height_px, ==, sizes[i].height);
            dm_result_clear(&result);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/picture/copy", test_copy);
    g_test_add_func("/picture/jpeg-stays-what-it-is", test_jpeg_stays_what_it_is);
    g_test_add_func("/picture/png-stays-small", test_png_stays_small);
    g_test_add_func("/picture/orientation", test_orientation);
    g_test_add_func("/picture/orientation-and-shrink", test_orientation_and_shrink);
    g_test_add_func("/picture/metadata", test_metadata);
    g_test_add_func("/picture/strip", test_strip);
    g_test_add_func("/picture/profile-of-gray", test_profile_of_gray);
    g_test_add_func("/picture/alpha-on-white", test_alpha_on_white);
    g_test_add_func("/picture/16-bits-reduced", test_16_bits_reduced);
    g_test_add_func("/picture/cmyk", test_cmyk);
    g_test_add_func("/picture/any-order", test_any_order);
    g_test_add_func("/picture/points-fold", test_points_fold);
    g_test_add_func("/picture/extreme-sizes", test_extreme_sizes);
    int code = g_test_run();
    bench_close();
    return code;
}
