// SPDX-License-Identifier: MIT
//
// Our JPEG loop gives libvips' pixels, in any order that it allows, and tells damage that libjpeg
// only warns of.
#include "mpi_worker/codec/open.h"
#include "mpi_worker/image/pixels.h"
#include "tests/unit/mpi_worker/bench.h"

static struct dm_bytes encoded(VipsImage *image, const char *options) {
    void *data = NULL;
    struct dm_bytes bytes;
    g_assert_cmpint(vips_image_write_to_buffer(image, options, &data, &bytes.size, NULL), ==, 0);
    bytes.data = data;
    g_object_unref(image);
    return bytes;
}

static VipsImage *opened(const struct dm_bytes *bytes, int shrink) {
    VipsImage *image =
        dm_codec_open(dm_codec_find("jpeg"), bytes, &(struct dm_decode){.shrink = shrink});
    g_assert_nonnull(image);
    return image;
}

static void test_same_pixels(void) {
    static const char *const options[] = {".jpg[Q=90,subsample_mode=on]",
                                          ".jpg[Q=90,subsample_mode=off]", ".jpg[interlace]"};
    for (size_t i = 0; i < G_N_ELEMENTS(options) * 8; i++) {
        int bands = i / G_N_ELEMENTS(options) % 2 ? 3 : 1;
        int shrink = 1 << i / (2 * G_N_ELEMENTS(options));
        struct dm_bytes bytes =
            encoded(paint(203, 317, bands, false), options[i % G_N_ELEMENTS(options)]);
        VipsImage *lazy = opened(&bytes, shrink), *theirs = NULL;
        VipsImage *ours = dm_strips_to_memory(lazy);
        g_assert_cmpint(
            vips_jpegload_buffer(bytes.data, bytes.size, &theirs, "shrink", shrink, NULL), ==, 0);
        g_test_message("%s, 1/%d, %d bands", options[i % G_N_ELEMENTS(options)], shrink, bands);
        g_assert_cmpfloat(difference(ours, theirs), ==, 0);
        g_object_unref(lazy);
        g_object_unref(ours);
        g_object_unref(theirs);
        g_free(bytes.data);
    }
}

/** Ink is stored inverted, by programs that write a marker of Adobe's and by others. */
static void test_cmyk(void) {
    for (int shrink = 1; shrink <= 8; shrink *= 2) {
        VipsImage *rgb = paint(203, 117, 3, false), *cmyk = NULL, *theirs = NULL;
        g_assert_cmpint(vips_icc_transform(rgb, &cmyk, "cmyk", "input_profile", "srgb", NULL), ==,
                        0);
        g_object_unref(rgb);
        struct dm_bytes bytes = encoded(cmyk, ".jpg[Q=90]");
        VipsImage *lazy = opened(&bytes, shrink), *ours = dm_strips_to_memory(lazy);
        g_assert_cmpint(
            vips_jpegload_buffer(bytes.data, bytes.size, &theirs, "shrink", shrink, NULL), ==, 0);
        g_assert_cmpint(ours->Bands, ==, 4);
        g_assert_cmpfloat(difference(ours, theirs), ==, 0);
        g_object_unref(lazy);
        g_object_unref(ours);
        g_object_unref(theirs);
        g_free(bytes.data);
    }
}

/** A second reader may be a strip late, not more. */
static void test_late_reader(void) {
    struct dm_bytes bytes = encoded(paint(40, 600, 3, false), ".jpg");
    VipsImage *image = opened(&bytes, 1), *all = opened(&bytes, 1);
    VipsImage *memory = dm_strips_to_memory(all);
    VipsRegion *first = vips_region_new(image), *second = vips_region_new(image);
    for (int y = 0; y < 256; y += 64) {
        VipsRect rect = {0, y, 40, 64}, part = {5, y, 20, 64};
        g_assert_cmpint(vips_region_prepare(first, &rect), ==, 0);
        g_assert_cmpint(vips_region_prepare(second, &part), ==, 0);
        g_assert_cmpint(
            memcmp(dm_region_at(second, 5, y), (char *)dm_image_row(memory, y) + (size_t)5 * 3, 60),
            ==, 0);
    }
    g_assert_cmpint(vips_region_prepare(second, &(VipsRect){0, 0, 40, 64}), ==, -1);
    g_object_unref(first);
    g_object_unref(second);
    g_object_unref(memory);
    g_object_unref(image);
    g_object_unref(all);
    g_free(bytes.data);
}

static void expect_failed(const char *reason) {
    struct dm_result result = bench_run("copy", "d.jpg");
    g_test_message("%s: %s", dm_status_name(result.status), result.message);
    g_assert_cmpstr(dm_status_name(result.status), ==, "failed");
    g_assert_cmpstr(dm_reason_name(result.reason), ==, reason);
    dm_result_clear(&result);
}

/** Ones in the middle of the scan are an impossible code, a marker there is lost data. */
static void test_damage(void) {
    static const uint8_t damages[][4] = {{0xFE, 0xFE, 0xFE, 0xFE}, {0xFF, 0xD3, 0, 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        struct dm_bytes bytes = encoded(paint(300, 200, 3, false), ".jpg[Q=95]");
        for (size_t at = bytes.size / 2; at < bytes.size / 2 + 40; at += 4) {
            memcpy(bytes.data + at, damages[i], 4);
        }
        drop("d.jpg", bytes.data, bytes.size);
        expect_failed("damaged");
        g_free(bytes.data);
    }
}

/** A copy of @bytes with @count bytes of @value, then @last, in front of its end marker. */
static void drop_padded(const struct dm_bytes *bytes, size_t count, uint8_t value, uint8_t last) {
    g_autoptr(GByteArray) padded = g_byte_array_new();
    g_byte_array_append(padded, bytes->data, (guint)bytes->size - 2);
    for (size_t i = 0; i < count; i++) {
        g_byte_array_append(padded, i + 1 < count ? &value : &last, 1);
    }
    g_byte_array_append(padded, bytes->data + bytes->size - 2, 2);
    drop("d.jpg", padded->data, padded->len);
}

/** What no pixel came of: padding as cameras write it, or the rest of a scan that went astray. */
static void test_left_over(void) {
    static const char *const options[] = {".jpg", ".jpg[interlace]"};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        struct dm_bytes bytes = encoded(paint(300, 200, 3, false), options[i]);
        drop_padded(&bytes, 100, 0, 0);
        bench_done("copy", "d.jpg", "");
        drop_padded(&bytes, 1, 0x37, 0x37);
        bench_done("copy", "d.jpg", "");
        drop_padded(&bytes, 100, 0xFF, 0xFF);
        bench_done("copy", "d.jpg", "");
        drop_padded(&bytes, 100, 0, 1);
        expect_failed("damaged");
        g_free(bytes.data);
    }
}

static void test_truncated(void) {
    static const char *const options[] = {".jpg", ".jpg[interlace]"};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        struct dm_bytes bytes = encoded(paint(300, 200, 3, false), options[i]);
        drop("d.jpg", bytes.data, bytes.size - 3);
        expect_failed("truncated");
        drop("d.jpg", bytes.data, bytes.size * 2 / 3);
        expect_failed("truncated");
        g_free(bytes.data);
    }
}

/** The next marker from @at on that is no part of entropy-coded data. */
static size_t marker_at(const struct dm_bytes *bytes, size_t at, uint8_t wanted) {
    while (at + 1 < bytes->size && (bytes->data[at] != 0xFF || bytes->data[at + 1] == 0 ||
                                    (wanted != 0 && bytes->data[at + 1] != wanted))) {
        at++;
    }
    return at;
}

/** The first scan of a progressive picture, repeated: small, and endless work. */
static void test_too_many_scans(void) {
    struct dm_bytes bytes = encoded(paint(64, 64, 3, false), ".jpg[interlace]");
    size_t first = marker_at(&bytes, 0, 0xDA), behind = marker_at(&bytes, first + 2, 0);
    g_autoptr(GByteArray) bomb = g_byte_array_new();
    g_byte_array_append(bomb, bytes.data, (guint)behind);
    for (int i = 0; i < 150; i++) {
        g_byte_array_append(bomb, bytes.data + first, (guint)(behind - first));
    }
    g_byte_array_append(bomb, bytes.data + behind, (guint)(bytes.size - behind));
    drop("d.jpg", bomb->data, bomb->len);
    struct dm_result result = bench_run("copy", "d.jpg");
    g_assert_cmpstr(dm_status_name(result.status), ==, "failed");
    g_assert_nonnull(strstr(result.message, "more than 100 scans"));
    dm_result_clear(&result);
    g_free(bytes.data);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/jpeg_decode/same_pixels", test_same_pixels);
    g_test_add_func("/jpeg_decode/cmyk", test_cmyk);
    g_test_add_func("/jpeg_decode/late_reader", test_late_reader);
    g_test_add_func("/jpeg_decode/damage", test_damage);
    g_test_add_func("/jpeg_decode/left_over", test_left_over);
    g_test_add_func("/jpeg_decode/truncated", test_truncated);
    g_test_add_func("/jpeg_decode/too_many_scans", test_too_many_scans);
    int failed = g_test_run();
    bench_close();
    return failed;
}
