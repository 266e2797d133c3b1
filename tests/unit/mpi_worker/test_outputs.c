// SPDX-License-Identifier: MIT
//
// What the output steps ask for is in the file that was written: read back from its own bytes.
#include "tests/unit/mpi_worker/bench.h"

#include "mpi_worker/codec/scan.h"

static VipsImage *made(const char *chain, const char *name, const char *remark) {
    g_test_message("%s %s", chain, name);
    bench_done(chain, name, remark);
    return see_out(1);
}

static gsize size_made(const char *chain, const char *name) {
    g_autofree char *path = out_path();
    bench_done(chain, name, "");
    GStatBuf status;
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    return (gsize)status.st_size;
}

/** The value of a little-endian TIFF's first short @tag. */
static int tiff_tag(int tag) {
    g_autofree char *path = out_path(), *data = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    const uint8_t *bytes = (const uint8_t *)data;
    g_assert_cmpint(bytes[0], ==, 'I');
    size_t at = bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16 | (size_t)bytes[7] << 24;
    int count = bytes[at] | bytes[at + 1] << 8;
    for (const uint8_t *entry = bytes + at + 2; count > 0; count--, entry += 12) {
        if ((entry[0] | entry[1] << 8) == tag) {
            return entry[8] | entry[9] << 8;
        }
    }
    return -1;
}

static void test_tiff_compression(void) {
    static const struct {
        const char *chain;
        int compression; // as the tag says it
    } cases[] = {{"tiff", 5}, {"tiff-lzw", 5}, {"tiff-deflate", 8}, {"tiff-none", 1}};
    drop_image(paint(80, 60, 3, false), "t.png");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bench_done(cases[i].chain, "t.png", "");
        g_assert_cmpint(tiff_tag(259), ==, cases[i].compression);
    }
}

static void test_png_level(void) {
    drop_image(paint(80, 60, 3, false), "t.png");
    gsize none = size_made("png-0", "t.png");
    gsize usual = size_made("png", "t.png");
    g_assert_cmpuint(none, >, 80 * 60 * 3);
    g_assert_cmpuint(usual, <, none);
    g_assert_cmpuint(size_made("png-9", "t.png"), <=, usual);
}

// ---- jpeg-same

static struct dm_header jpeg_header(const char *path) {
    g_autofree char *data = NULL;
    size_t size = 0;
    struct dm_header header;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    g_assert_true(dm_scan_jpeg((const uint8_t *)data, size, &header));
    return header;
}

static void test_jpeg_same(void) {
    static const int qualities[] = {1, 10, 25, 49, 50, 60, 75, 92, 96, 100};
    g_autofree char *result = out_path();
    for (size_t i = 0; i < G_N_ELEMENTS(qualities); i++) {
        g_autofree char *save = g_strdup_printf("s.jpg[Q=%d]", qualities[i]);
        g_autofree char *source = in_path("s.jpg");
        drop_image(paint(80, 60, 3, false), save);
        g_assert_cmpint(jpeg_header(source).quality, ==, qualities[i]);
        bench_done("mirror_jpeg-same", "s.jpg", "");
        g_assert_cmpint(jpeg_header(result).quality, ==, qualities[i]);
    }
    bench_done("mirror", "s.jpg", "");
    g_assert_cmpint(jpeg_header(result).quality, ==, 85);
    drop_image(paint(80, 60, 3, false), "s.png");
    bench_done("jpeg-same", "s.png", "");
    g_assert_cmpint(jpeg_header(result).quality, ==, 85);
    bench_done("jpeg-70", "s.png", "");
    g_assert_cmpint(jpeg_header(result).quality, ==, 70);
}

// ---- avif

/** The average difference of the result and the original, of 255. */
static double loss(const char *chain, const char *name, const char *remark) {
    VipsImage *out = made(chain, name, remark);
    VipsImage *in = see_in(name, 1);
    double mean = mean_difference(out, in) / (out->BandFmt == VIPS_FORMAT_USHORT ? 257 : 1);
    g_assert_cmpint(out->BandFmt, ==, in->BandFmt);
    g_assert_cmpint(out->Bands, ==, in->Bands);
    g_object_unref(in);
    g_object_unref(out);
    return mean;
}

static void test_avif_pixels(void) {
    drop_image(paint(121, 75, 3, false), "a.png");
    g_assert_cmpfloat(loss("avif", "a.png", ""), <, 3);
    g_assert_cmpfloat(loss("avif-100", "a.png", ""), <, 0.5);
    drop_image(paint(121, 75, 4, false), "b.png");
    g_assert_cmpfloat(loss("avif-100", "b.png", ""), <, 0.5);
}

/** 16 bits are kept as 12, and what was an AVIF stays one. */
static void test_avif_deep(void) {
    drop_image(paint(121, 75, 3, true), "w.png");
    g_assert_cmpfloat(loss("avif-100", "w.png", "stored with 12 bits, the most that an avif has"),
                      <, 0.2);

    drop_image(paint(121, 75, 3, true), "w.avif[Q=95,bitdepth=12]");
    g_assert_cmpfloat(loss("mirror_mirror", "w.avif", ""), <, 3);
}

/** libaom aborts the process on what it does not like. */
static void test_avif_sizes(void) {
    static const struct {
        int width, height, bands;
        bool wide;
    } shapes[] = {{1, 1, 3, false}, {1, 40, 1, false}, {40, 1, 4, false},  {3, 5, 2, false},
                  {1, 1, 3, true},  {5, 3, 4, true},   {2000, 2, 1, true}, {63, 65, 2, true}};
    static const char *const chains[] = {"avif", "avif-100-e0", "avif-1-e9"};
    for (size_t i = 0; i < G_N_ELEMENTS(shapes) * G_N_ELEMENTS(chains); i++) {
        size_t s = i % G_N_ELEMENTS(shapes);
        drop_image(paint(shapes[s].width, shapes[s].height, shapes[s].bands, shapes[s].wide),
                   "s.png");
        struct dm_result result = bench_run(chains[i / G_N_ELEMENTS(shapes)], "s.png");
        g_test_message("%d x %d: %s", shapes[s].width, shapes[s].height, result.message);
        g_assert_cmpstr(dm_status_name(result.status), ==, "done");
        dm_result_clear(&result);
        VipsImage *out = see_out(1);
        g_assert_cmpint(out->Xsize, ==, shapes[s].width);
        g_object_unref(out);
    }
}

static void test_avif_quality(void) {
    drop_image(paint(400, 300, 3, false), "q.png");
    gsize usual = size_made("avif", "q.png");
    g_assert_cmpuint(size_made("avif-20", "q.png"), <, usual);
    g_assert_cmpuint(size_made("avif-90", "q.png"), >, usual);
    VipsImage *out = made("gray_avif", "q.png", "");
    g_assert_cmpint(out->Bands, ==, 3);
    g_object_unref(out);
}

/** Upright, for readers look for no EXIF tag there; with what it knew of itself. */
static void test_avif_metadata(void) {
    static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
    VipsImage *image = paint(120, 80, 3, false), *profiled = NULL;
    vips_icc_transform(image, &profiled, "p3", "input_profile", "srgb", NULL);
    vips_image_set_int(profiled, VIPS_META_ORIENTATION, 6);
    vips_image_set_blob_copy(profiled, VIPS_META_XMP_NAME, xmp, sizeof(xmp) - 1);
    vips_image_set_string(profiled, "exif-ifd0-Model", "Camera 7");
    g_object_unref(image);
    drop_image(profiled, "m.jpg");
    VipsImage *out = made("avif", "m.jpg", "");
    g_assert_cmpint(out->Xsize, ==, 80);
    g_assert_cmpint(vips_image_get_orientation(out), ==, 1);
    g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_ICC_NAME), !=, 0);
    g_assert_cmpint((int)vips_image_get_typeof(out, VIPS_META_XMP_NAME), !=, 0);
    g_autofree char *path = out_path(), *bytes = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    g_assert_nonnull(memmem(bytes, size, "Camera 7", 8));
    g_object_unref(out);
}

// ---- webp, gif

static void test_effort(void) {
    drop_image(paint(400, 300, 3, false), "e.png");
    g_assert_cmpuint(size_made("webp-e0", "e.png"), !=, size_made("webp-e6", "e.png"));
    VipsImage *out = made("gif-1", "e.png", "");
    VipsImage *in = see_in("e.png", 1);
    g_assert_cmpfloat(mean_difference(out, in), <, 10);
    g_object_unref(in);
    g_object_unref(out);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/outputs/tiff_compression", test_tiff_compression);
    g_test_add_func("/outputs/png_level", test_png_level);
    g_test_add_func("/outputs/jpeg_same", test_jpeg_same);
    g_test_add_func("/outputs/avif_pixels", test_avif_pixels);
    g_test_add_func("/outputs/avif_deep", test_avif_deep);
    g_test_add_func("/outputs/avif_sizes", test_avif_sizes);
    g_test_add_func("/outputs/avif_quality", test_avif_quality);
    g_test_add_func("/outputs/avif_metadata", test_avif_metadata);
    g_test_add_func("/outputs/effort", test_effort);
    int failed = g_test_run();
    bench_close();
    return failed;
}
