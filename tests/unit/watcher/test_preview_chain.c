// SPDX-License-Identifier: MIT
//
// What the worker is asked for, and what is foretold of the result. How near the previews come to
// the results is measured, not tested: tests/bench/page_preview.py.
#include "watcher/page/preview_chain.h"

#include "common/error.h"
#include "tests/unit/watcher/support/page_catalogue.h"

#include <math.h>
#include <string.h>

static struct dm_catalogue *catalogue;

struct expected {
    const char *chain, *text;
    struct dm_extent result;
    double scale, ratio;
    bool about, rough;
};

static bool make(enum dm_preview_mode mode, const char *text, struct dm_extent original,
                 struct dm_extent given, struct dm_preview_chain *ret, GError **error) {
    struct dm_chain *chain = NULL;
    g_assert_true(dm_chain_parse(catalogue, NULL, text, &chain, NULL, NULL));
    const struct dm_preview_view view = {mode, original, given, false};
    bool good = dm_preview_chain_make(catalogue, chain, &view, ret, error);
    dm_chain_free(chain);
    return good;
}

/** What is asked for must be understood by whom it is asked of. */
static void assert_understood(const char *text) {
    struct dm_chain *chain = NULL;
    GError *error = NULL;
    dm_chain_parse(catalogue, NULL, text, &chain, NULL, &error);
    g_assert_no_error(error);
    dm_chain_free(chain);
}

static void compare(enum dm_preview_mode mode, const struct expected *rows, size_t count,
                    struct dm_extent original, struct dm_extent given) {
    for (size_t i = 0; i < count; i++) {
        const struct expected *row = &rows[i];
        struct dm_preview_chain got;
        GError *error = NULL;
        g_test_message("%s", row->chain);
        g_assert_true(make(mode, row->chain, original, given, &got, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(got.text, ==, row->text);
        g_assert_cmpint(got.result.width, ==, row->result.width);
        g_assert_cmpint(got.result.height, ==, row->result.height);
        g_assert_cmpfloat_with_epsilon(got.scale, row->scale, 0.002);
        g_assert_cmpfloat_with_epsilon(got.ratio, row->ratio != 0 ? row->ratio : 1, 0.0005);
        g_assert_true(got.exact == !row->about);
        g_assert_true(got.rough == row->rough);
        assert_understood(got.text);
        dm_preview_chain_clear(&got);
    }
}

static const struct expected whole[] = {
    {.chain = "gray", .text = "gray_jpeg-90", .result = {4000, 3000}, .scale = .32},
    // Sizes: nothing that the copy does not have, but no less either.
    {.chain = "resize-1600", .text = "jpeg-90", .result = {1600, 1200}, .scale = .8, .ratio = .4},
    {.chain = "resize-400",
     .text = "resize-400_jpeg-90",
     .result = {400, 300},
     .scale = 1,
     .ratio = .1},
    {.chain = "resize-x900",
     .text = "resize-x900_jpeg-90",
     .result = {1200, 900},
     .scale = 1,
     .ratio = .3},
    {.chain = "resize-50pct", .text = "jpeg-90", .result = {2000, 1500}, .scale = .64, .ratio = .5},
    {.chain = "resize-10pct",
     .text = "resize-400x300_jpeg-90",
     .result = {400, 300},
     .scale = 1,
     .ratio = .1},
    {.chain = "resize-9000", .text = "jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "fit-320", .text = "fit-320_jpeg-90", .result = {320, 240}, .scale = 1, .ratio = .08},
    {.chain = "enlarge-8000", .text = "jpeg-90", .result = {8000, 6000}, .scale = .16, .ratio = 2},
    {.chain = "fill-800x800",
     .text = "fill-800x800-center_jpeg-90",
     .result = {800, 800},
     .scale = 1,
     .ratio = .26667},
    {.chain = "fill-3000x1000-north",
     .text = "fill-1280x427-north_jpeg-90",
     .result = {3000, 1000},
     .scale = .42667,
     .ratio = .75},
    {.chain = "stretch-2000x750",
     .text = "stretch-1280x480_jpeg-90",
     .result = {2000, 750},
     .scale = .64,
     .ratio = .5},
    {.chain = "square", .text = "square_jpeg-90", .result = {3000, 3000}, .scale = .32},
    {.chain = "rotate-90", .text = "rotate-90_jpeg-90", .result = {3000, 4000}, .scale = .32},
    {.chain = "rotate-90_resize-500",
     .text = "rotate-90_resize-500_jpeg-90",
     .result = {375, 500},
     .scale = 1,
     .ratio = .125},
    // Windows and margins.
    {.chain = "crop-2000x1000",
     .text = "crop-640x320_jpeg-90",
     .result = {2000, 1000},
     .scale = .32},
    {.chain = "crop-1999x1001-2001-1999",
     .text = "crop-639x320-640-639_jpeg-90",
     .result = {1999, 1001},
     .scale = .32},
    {.chain = "pad-100", .text = "pad-32_jpeg-90", .result = {4200, 3200}, .scale = .32},
    {.chain = "pad", .text = "pad-6_jpeg-90", .result = {4040, 3040}, .scale = .32},
    {.chain = "pad-5000x5000",
     .text = "pad-1600x1600_jpeg-90",
     .result = {5000, 5000},
     .scale = .32},
    {.chain = "resize-640_pad-20",
     .text = "resize-640_pad-20_jpeg-90",
     .result = {680, 520},
     .scale = 1,
     .ratio = .16},
    // What reaches so far reaches less far.
    {.chain = "blur-10", .text = "blur-3.2_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "blur", .text = "blur-0.832_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "blur-0.2", .text = "jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "unsharp-10-150",
     .text = "unsharp-3.2-150_jpeg-90",
     .result = {4000, 3000},
     .scale = .32},
    {.chain = "bilateral",
     .text = "bilateral-3-75-24_jpeg-90",
     .result = {4000, 3000},
     .scale = .32},
    {.chain = "median-9", .text = "median-3_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "resize-400_median-5",
     .text = "resize-400_median-5_jpeg-90",
     .result = {400, 300},
     .scale = 1,
     .ratio = .1},
    {.chain = "resize-1600_blur-10",
     .text = "blur-8_jpeg-90",
     .result = {1600, 1200},
     .scale = .8,
     .ratio = .4},
    // Kernels of whole pixels, and what is seen at single ones.
    {.chain = "median-5",
     .text = "enlarge-187.5pct_median-3_enlarge-53.3333pct_jpeg-90",
     .result = {4000, 3000},
     .scale = .32},
    {.chain = "pixelate-16",
     .text = "enlarge-117.1875pct_pixelate-6_enlarge-85.3333pct_jpeg-90",
     .result = {4000, 3000},
     .scale = .32},
    {.chain = "pixelate-100", .text = "pixelate-32_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "sharpen",
     .text = "enlarge-312.5pct_sharpen_enlarge-32pct_jpeg-90",
     .result = {4000, 3000},
     .scale = .32,
     .rough = true},
    {.chain = "sharpen_gray_resize-800",
     .text = "enlarge-312.5pct_sharpen_gray_resize-800_jpeg-90",
     .result = {800, 600},
     .scale = 1,
     .ratio = .2,
     .rough = true},
    {.chain = "resize-1600_sharpen",
     .text = "enlarge-125pct_sharpen_enlarge-80pct_jpeg-90",
     .result = {1600, 1200},
     .scale = .8,
     .ratio = .4,
     .rough = true},
    {.chain = "resize-800_sharpen",
     .text = "resize-800_sharpen_jpeg-90",
     .result = {800, 600},
     .scale = 1,
     .ratio = .2},
    // Nobody knows before.
    {.chain = "trim", .text = "trim_jpeg-90", .result = {4000, 3000}, .scale = .32, .about = true},
    // The output is the page's.
    {.chain = "gray_png", .text = "gray_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "gray_jpeg-20", .text = "gray_jpeg-90", .result = {4000, 3000}, .scale = .32},
    {.chain = "png", .text = "jpeg-90", .result = {4000, 3000}, .scale = .32},
};

/** A copy at 0.32. */
static void test_whole(void) {
    compare(DM_PREVIEW_WHOLE, whole, G_N_ELEMENTS(whole), (struct dm_extent){4000, 3000},
            (struct dm_extent){1280, 960});
}

/** A copy that is the original. */
static void test_whole_of_a_small_one(void) {
    static const struct expected rows[] = {
        {.chain = "sharpen", .text = "sharpen_jpeg-90", .result = {1000, 500}, .scale = 1},
        {.chain = "median-5_blur",
         .text = "median-5_blur_jpeg-90",
         .result = {1000, 500},
         .scale = 1},
        {.chain = "pad", .text = "pad-20_jpeg-90", .result = {1040, 540}, .scale = 1},
        {.chain = "crop-10x10-1-1",
         .text = "crop-10x10-1-1_jpeg-90",
         .result = {10, 10},
         .scale = 1},
        {.chain = "enlarge-2000",
         .text = "jpeg-90",
         .result = {2000, 1000},
         .scale = .5,
         .ratio = 2},
    };
    compare(DM_PREVIEW_WHOLE, rows, G_N_ELEMENTS(rows), (struct dm_extent){1000, 500},
            (struct dm_extent){1000, 500});
}

/** Of 50 MP no more than 12.5 are made again: that is said. */
static void test_whole_of_a_large_one(void) {
    static const struct expected rows[] = {
        {.chain = "sharpen",
         .text = "enlarge-318.944pct_sharpen_enlarge-31.3546pct_jpeg-90",
         .result = {8192, 6144},
         .scale = .15625,
         .rough = true},
    };
    compare(DM_PREVIEW_WHOLE, rows, G_N_ELEMENTS(rows), (struct dm_extent){8192, 6144},
            (struct dm_extent){1280, 960});
}

static void test_detail(void) {
    static const struct expected rows[] = {
        {.chain = "sharpen", .text = "sharpen_jpeg-90", .result = {4000, 3000}, .scale = 1},
        {.chain = "median-5_blur-2",
         .text = "median-5_blur-2_jpeg-90",
         .result = {4000, 3000},
         .scale = 1},
        {.chain = "resize-1600_sharpen",
         .text = "stretch-320x210_sharpen_jpeg-90",
         .result = {1600, 1200},
         .scale = 1,
         .ratio = .4},
        {.chain = "resize-9000", .text = "jpeg-90", .result = {4000, 3000}, .scale = 1},
        {.chain = "enlarge-8000",
         .text = "stretch-1600x1050_jpeg-90",
         .result = {8000, 6000},
         .scale = 1,
         .ratio = 2},
        {.chain = "fill-800x800",
         .text = "stretch-213x140_jpeg-90",
         .result = {800, 800},
         .scale = 1,
         .ratio = .26667},
        {.chain = "stretch-2000x750",
         .text = "stretch-400x131_jpeg-90",
         .result = {2000, 750},
         .scale = 1,
         .ratio = .5},
        {.chain = "crop-2000x1000_gray",
         .text = "gray_jpeg-90",
         .result = {2000, 1000},
         .scale = 1},
        {.chain = "pad-100", .text = "jpeg-90", .result = {4200, 3200}, .scale = 1},
        {.chain = "trim_gray",
         .text = "gray_jpeg-90",
         .result = {4000, 3000},
         .scale = 1,
         .about = true},
        {.chain = "vignette_gray",
         .text = "gray_jpeg-90",
         .result = {4000, 3000},
         .scale = 1,
         .rough = true},
        {.chain = "rotate-90_resize-1600",
         .text = "rotate-90_stretch-210x320_jpeg-90",
         .result = {1200, 1600},
         .scale = 1,
         .ratio = .4},
        // What a JPEG loses is part of the detail.
        {.chain = "gray_jpeg-20", .text = "gray_jpeg-20", .result = {4000, 3000}, .scale = 1},
        {.chain = "jpeg-20_png", .text = "jpeg-90", .result = {4000, 3000}, .scale = 1},
    };
    compare(DM_PREVIEW_DETAIL, rows, G_N_ELEMENTS(rows), (struct dm_extent){4000, 3000},
            (struct dm_extent){800, 525});
}

static void test_file(void) {
    static const struct expected rows[] = {
        {.chain = "resize-1600_sharpen",
         .text = "resize-1600_sharpen_jpeg-90",
         .result = {0, 0},
         .scale = 1,
         .about = true},
        {.chain = "resize-1600_jpeg-20",
         .text = "resize-1600_jpeg-20",
         .result = {0, 0},
         .scale = 1,
         .about = true},
        {.chain = "png", .text = "jpeg-90", .result = {0, 0}, .scale = 1, .about = true},
    };
    compare(DM_PREVIEW_FILE, rows, G_N_ELEMENTS(rows), (struct dm_extent){0},
            (struct dm_extent){0});
}

static void test_refused(void) {
    struct dm_preview_chain got;
    g_autoptr(GError) error = NULL;
    g_assert_false(make(DM_PREVIEW_WHOLE, "resize-1600_crop-1601x100",
                        (struct dm_extent){4000, 3000}, (struct dm_extent){1280, 960}, &got,
                        &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "crop-1601x100"));
    g_assert_nonnull(strstr(error->message, "1600x1200"));
}

/** Every step of the catalogue on pictures and copies of every size: nothing that is not
 * understood. */
static void test_any_size(void) {
    static const struct dm_extent sizes[] = {
        {1, 1}, {3, 2000}, {65535, 1}, {777, 333}, {65535, 65535}};
    for (size_t i = 0; i < dm_catalogue_operation_count(catalogue); i++) {
        const char *text = dm_catalogue_operation(catalogue, i)->example;
        for (size_t j = 0; j < G_N_ELEMENTS(sizes) * G_N_ELEMENTS(sizes); j++) {
            struct dm_extent original = sizes[j / G_N_ELEMENTS(sizes)];
            struct dm_extent given = sizes[j % G_N_ELEMENTS(sizes)];
            for (enum dm_preview_mode mode = DM_PREVIEW_WHOLE; mode <= DM_PREVIEW_FILE; mode++) {
                struct dm_preview_chain got;
                g_test_message("%s %d", text, (int)j);
                if (make(mode, text, original, given, &got, NULL)) {
                    assert_understood(got.text);
                    dm_preview_chain_clear(&got);
                }
            }
        }
    }
}

static double bytes_of(const char *text, enum dm_preview_mode mode, bool of_jpeg) {
    const struct dm_preview_view view = {mode, {4000, 3000}, {1280, 960}, of_jpeg};
    struct dm_preview_chain got;
    struct dm_chain *chain = NULL;
    g_assert_true(dm_chain_parse(catalogue, NULL, text, &chain, NULL, NULL));
    g_assert_true(dm_preview_chain_make(catalogue, chain, &view, &got, NULL));
    dm_chain_free(chain);
    dm_preview_chain_clear(&got);
    return got.bytes;
}

static void test_bytes(void) {
    g_assert_cmpfloat(bytes_of("gray", DM_PREVIEW_WHOLE, false), ==, 0);
    g_assert_cmpfloat(bytes_of("gray_png", DM_PREVIEW_WHOLE, true), ==, 0);
    g_assert_cmpfloat_with_epsilon(bytes_of("resize-1280", DM_PREVIEW_WHOLE, true), 0.75, 1e-6);
    g_assert_cmpfloat_with_epsilon(bytes_of("resize-640_jpeg-95", DM_PREVIEW_WHOLE, false), 1.55,
                                   1e-6);
    g_assert_cmpfloat_with_epsilon(bytes_of("gray_jpeg-90", DM_PREVIEW_WHOLE, false), 6.94, 0.01);
    g_assert_cmpfloat(bytes_of("gray_jpeg-20", DM_PREVIEW_FILE, false), ==, 1);
    g_assert_cmpfloat(bytes_of("gray_jpeg-20", DM_PREVIEW_DETAIL, false), ==, 0);
}

static void test_modes(void) {
    enum dm_preview_mode mode;
    g_assert_true(dm_preview_mode_from_name("detail", &mode));
    g_assert_cmpint(mode, ==, DM_PREVIEW_DETAIL);
    g_assert_false(dm_preview_mode_from_name("", &mode));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    catalogue = dm_catalogue_parse(page_catalogue, NULL);
    g_test_add_func("/preview-chain/whole", test_whole);
    g_test_add_func("/preview-chain/whole-of-a-small-one", test_whole_of_a_small_one);
    g_test_add_func("/preview-chain/whole-of-a-large-one", test_whole_of_a_large_one);
    g_test_add_func("/preview-chain/detail", test_detail);
    g_test_add_func("/preview-chain/file", test_file);
    g_test_add_func("/preview-chain/refused", test_refused);
    g_test_add_func("/preview-chain/any-size", test_any_size);
    g_test_add_func("/preview-chain/bytes", test_bytes);
    g_test_add_func("/preview-chain/modes", test_modes);
    int status = g_test_run();
    dm_catalogue_free(catalogue);
    return status;
}
