// SPDX-License-Identifier: MIT
//
// Files of several pages: what libvips takes as one tall picture, and TIFF page by page.
#include "common/bytes.h"
#include "mpi_worker/codec/tiff_pages.h"
#include "tests/unit/mpi_worker/bench.h"

static void drop_pages(const char *name, int count) {
    VipsImage *page = paint(90, 70, 3, false), *roll = NULL, *pages = NULL;
    int delays[] = {50, 100, 150, 200};
    vips_replicate(page, &roll, 1, count, NULL);
    g_object_unref(page);
    VipsImage *memory = dm_strips_to_memory(roll);
    g_object_unref(roll);
    for (int i = 0; i < count; i++) { // each page darker than the last
        for (int k = 0; k < 90 * 70 * 3; k++) {
            memory->data[i * 90 * 70 * 3 + k] /= (uint8_t)(i + 1);
        }
    }
    vips_copy(memory, &pages, NULL);
    g_object_unref(memory);
    vips_image_set_int(pages, VIPS_META_PAGE_HEIGHT, 70);
    vips_image_set_array_int(pages, "delay", delays, count);
    vips_image_set_int(pages, "loop", 3);
    drop_image(pages, name);
}

/** Without the alpha that a decoder may or may not add. */
static double colour_difference(VipsImage *a, VipsImage *b) {
    VipsImage *x = NULL, *y = NULL;
    vips_extract_band(a, &x, 0, "n", 3, NULL);
    vips_extract_band(b, &y, 0, "n", 3, NULL);
    double mean = mean_difference(x, y);
    g_object_unref(x);
    g_object_unref(y);
    return mean;
}

static void test_pages(void) {
    static const struct {
        const char *save, *name, *chain;
        int width, height;
        bool animated;
        double limit;
    } cases[] = {
        {"a.gif", "a.gif", "copy", 90, 70, true, 0},
        {"a.gif", "a.gif", "webp", 90, 70, true, 4},
        {"a.gif", "a.gif", "tiff", 90, 70, false, 0},
        {"a.webp[lossless]", "a.webp", "copy", 90, 70, true, 0},
        {"a.tif", "a.tif", "copy", 90, 70, false, 0},
        {"a.tif", "a.tif", "rotate-90_rotate-270", 90, 70, false, 0},
        {"a.webp[lossless]", "a.webp", "strip_flip_flip_tiff", 90, 70, false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        drop_pages(cases[i].save, 4);
        struct dm_result result = bench_run(cases[i].chain, cases[i].name);
        g_test_message("%s %s", cases[i].name, cases[i].chain);
        g_assert_cmpstr(result.message, ==, "");
        g_assert_cmpint(result.width_px, ==, cases[i].width);
        g_assert_cmpint(result.height_px, ==, cases[i].height);
        dm_result_clear(&result);
        VipsImage *in = see_in(cases[i].name, -1), *out = see_out(-1);
        g_assert_cmpint(vips_image_get_n_pages(out), ==, 4);
        g_assert_cmpint(vips_image_get_page_height(out), ==, cases[i].height);
        g_assert_cmpfloat(colour_difference(in, out), <=, cases[i].limit);
        int *delays = NULL, count = 0;
        if (cases[i].animated) {
            g_assert_cmpint(vips_image_get_array_int(out, "delay", &delays, &count), ==, 0);
            g_assert_cmpint(count, ==, 4);
            g_assert_cmpint(delays[2], ==, 150);
            vips_image_get_int(out, "loop", &count);
            g_assert_cmpint(count, ==, 3);
        }
        g_object_unref(in);
        g_object_unref(out);
    }
}

static void test_pages_to_still(void) {
    drop_pages("a.gif", 3);
    bench_done("jpeg", "a.gif", "only the first of 3 frames; transparency laid on white");
    drop_pages("a.tif", 3);
    bench_done("png", "a.tif", "only the first of 3 pages, as pages are no animation");
    struct dm_result result = bench_run("rotate-90_resize-35x", "a.gif");
    g_assert_cmpint(result.width_px, ==, 35);
    g_assert_cmpint(result.height_px, ==, 45);
    dm_result_clear(&result);
}

/** One frame alone is a picture of any height: twice as high, it is not two frames. */
static void test_one_frame(void) {
    static const char *const chains[] = {"stretch-90x140", "resize-200pct", "stretch-90x140_webp"};
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++) {
        drop_pages("a.gif", 1);
        struct dm_result result = bench_run(chains[i], "a.gif");
        g_assert_cmpstr(result.message, ==, "");
        g_assert_cmpint(result.height_px, ==, 140);
        dm_result_clear(&result);
        VipsImage *out = see_out(-1);
        g_assert_cmpint(out->Ysize, ==, 140);
        g_assert_cmpint(vips_image_get_page_height(out), ==, 140);
        g_object_unref(out);
    }
}

// ---- pages of different sizes

struct page {
    int width, height, bands;
};

static const struct page mixed[] = {{90, 70, 3}, {41, 120, 1}, {90, 70, 4}, {7, 5, 3}};

/** @page (transfer full) as a file of its own, behind those in @file. */
static void add_page(GByteArray *file, VipsImage *page, const char *options) {
    void *data = NULL;
    size_t size = 0;
    g_assert_cmpint(vips_image_write_to_buffer(page, options, &data, &size, NULL), ==, 0);
    g_assert_true(dm_tiff_add_page(file, data, size));
    g_object_unref(page);
    g_free(data);
}

static GByteArray *mixed_tiff(void) {
    GByteArray *file = g_byte_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(mixed); i++) {
        add_page(file, paint(mixed[i].width, mixed[i].height, mixed[i].bands, false),
                 i == 0 ? ".tif[tile,compression=deflate]" : ".tif");
    }
    return file;
}

static VipsImage *result_page(int page) {
    g_autofree char *path = out_path();
    VipsImage *image = NULL;
    g_assert_cmpint(vips_tiffload(path, &image, "page", page, NULL), ==, 0);
    VipsImage *memory = dm_strips_to_memory(image);
    g_object_unref(image);
    return memory;
}

static void test_mixed(void) {
    GByteArray *file = mixed_tiff();
    drop("m.tif", file->data, file->len);
    g_byte_array_unref(file);
    struct dm_result result = bench_run("mirror", "m.tif");
    g_assert_cmpstr(dm_status_name(result.status), ==, "done");
    g_assert_cmpstr(result.message, ==, "");
    g_assert_cmpint(result.width_px, ==, 90);
    g_assert_cmpint(result.height_px, ==, 70);
    dm_result_clear(&result);
    for (int i = 0; i < (int)G_N_ELEMENTS(mixed); i++) {
        VipsImage *out = result_page(i), *expected = NULL;
        VipsImage *in = paint(mixed[i].width, mixed[i].height, mixed[i].bands, false);
        g_assert_cmpint(vips_image_get_n_pages(out), ==, G_N_ELEMENTS(mixed));
        vips_flip(in, &expected, VIPS_DIRECTION_HORIZONTAL, NULL);
        g_assert_cmpint(out->Bands, ==, expected->Bands);
        g_assert_cmpfloat(difference(out, expected), ==, 0);
        g_object_unref(in);
        g_object_unref(out);
        g_object_unref(expected);
    }
}

/** Pages of one size may not have one any more behind a step. */
static void test_become_mixed(void) {
    GByteArray *file = g_byte_array_new();
    for (int i = 0; i < 3; i++) {
        VipsImage *inner = paint(60 - 8 * i, 50, 3, false), *page = NULL;
        vips_embed(inner, &page, 4 * i, 0, 60, 50, "extend", VIPS_EXTEND_WHITE, NULL);
        g_object_unref(inner);
        add_page(file, page, ".tif");
    }
    drop("t.tif", file->data, file->len);
    g_byte_array_unref(file);
    bench_done("crop-60x40_trim", "t.tif", "");
    for (int i = 0; i < 3; i++) {
        VipsImage *out = result_page(i);
        g_assert_cmpint(out->Xsize, ==, 60 - 8 * i);
        g_object_unref(out);
    }
}

/** Half a document is no document: it ends in a page's pixels, or before a page's directory. */
static void test_last_page_missing(void) {
    GByteArray *file = mixed_tiff();
    for (guint cut = 5; cut < 1000; cut += 37) { // 4 bytes say that no page follows
        drop("m.tif", file->data, file->len - cut);
        struct dm_result result = bench_run("copy", "m.tif");
        g_test_message("%u: %s", cut, result.message);
        g_assert_cmpstr(dm_status_name(result.status), ==, "failed");
        dm_result_clear(&result);
    }
    g_byte_array_unref(file);
}

/** A page that cannot be decoded fails the file, wherever it is. */
static void test_last_page_damaged(void) {
    GByteArray *file = g_byte_array_new();
    add_page(file, paint(90, 70, 3, false), ".tif");
    guint start = file->len;
    add_page(file, paint(80, 70, 3, false), ".tif[compression=deflate]");
    memset(file->data + start + 10, 0xA5, 20); // in its first strip
    drop("m.tif", file->data, file->len);
    struct dm_result result = bench_run("copy", "m.tif");
    g_assert_cmpstr(dm_status_name(result.status), ==, "failed");
    g_assert_cmpstr(dm_reason_name(result.reason), ==, "damaged");
    dm_result_clear(&result);
    g_byte_array_unref(file);
}

/** What cannot be added leaves no more than an unused rest. */
static void test_add_nonsense(void) {
    GByteArray *file = mixed_tiff(), *copy = mixed_tiff();
    for (guint i = 0; i < 64; i++) {
        g_autofree uint8_t *bytes = g_memdup2(copy->data, copy->len);
        size_t first = dm_le32(bytes + 4);
        memset(bytes + first + 2 + (size_t)i * 2, 0xEE, 2); // in the directory's entries
        dm_tiff_add_page(file, bytes, copy->len);
        dm_tiff_add_page(file, copy->data, copy->len * i / 64);
    }
    drop("m.tif", file->data, file->len);
    VipsImage *last = see_in("m.tif", 1);
    g_assert_cmpint(vips_image_get_n_pages(last), >=, G_N_ELEMENTS(mixed));
    g_object_unref(last);
    g_byte_array_unref(file);
    g_byte_array_unref(copy);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_open();
    g_test_add_func("/picture_pages/pages", test_pages);
    g_test_add_func("/picture_pages/to-still", test_pages_to_still);
    g_test_add_func("/picture_pages/one-frame", test_one_frame);
    g_test_add_func("/picture_pages/mixed", test_mixed);
    g_test_add_func("/picture_pages/become-mixed", test_become_mixed);
    g_test_add_func("/picture_pages/last-page-missing", test_last_page_missing);
    g_test_add_func("/picture_pages/last-page-damaged", test_last_page_damaged);
    g_test_add_func("/picture_pages/add-nonsense", test_add_nonsense);
    int failed = g_test_run();
    bench_close();
    return failed;
}
