// SPDX-License-Identifier: MIT
//
// Where a watermark lies and how strong it is; what cannot be read or is not configured; and the
// background of what has no transparency.
#include "common/chain.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"
#include "tests/unit/mpi_worker/bench.h"

/** A picture of one colour, @bands of them, maybe with alpha. */
static VipsImage *flat(int width, int height, const double *pixel, int bands, bool wide) {
    VipsImage *black = NULL, *cast = NULL, *out = NULL;
    double ones[] = {1, 1, 1, 1};
    vips_black(&black, width, height, "bands", bands, NULL);
    vips_linear(black, &cast, ones, (double *)pixel, bands, NULL);
    vips_cast(cast, &out, wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR, NULL);
    g_object_unref(black);
    g_object_unref(cast);
    VipsImage *memory = vips_image_copy_memory(out);
    g_object_unref(out);
    bool gray = bands < 3;
    memory->Type = wide ? (gray ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16)
                        : (gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
    return memory;
}

static const double red[] = {255, 0, 0}, white[] = {255, 255, 255}, gray[] = {100};

static char *spec(const char *name, const char *file) {
    g_autofree char *path = in_path(file);
    return g_strdup_printf("%s=%s", name, path);
}

static void make_files(void) {
    drop_image(flat(50, 25, red, 3, false), "red.png");
    drop_image(flat(40, 40, gray, 1, false), "gray.png");
    drop("text.png", "hello", 5);
}

/** `red`, opaque, 50 x 25, and `gray`; `text` is none and `gone` is not there. */
static void configure(void) {
    g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(g_free);
    static const char *const files[][2] = {{"red", "red.png"},   {"gray", "gray.png"},
                                           {"text", "text.png"}, {"gone", "gone.png"},
                                           {"top", "red.png"},   {"A-b", "red.png"}};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_ptr_array_add(specs, spec(files[i][0], files[i][1]));
    }
    g_ptr_array_add(specs, NULL);
    dm_watermarks_load((const char *const *)specs->pdata);
}

static void expect_pixel(VipsImage *image, int x, int y, const double *want, int bands) {
    double *got = NULL;
    int count = 0;
    g_assert_cmpint(vips_getpoint(image, &got, &count, x, y, NULL), ==, 0);
    g_assert_cmpint(count, ==, bands);
    for (int band = 0; band < bands; band++) {
        g_assert_cmpfloat_with_epsilon(got[band], want[band], 1); // weights are of 16 bits
    }
    g_free(got);
}

static void test_place(void) {
    static const struct {
        const char *chain;
        int left, top, width, height; // of the logo on 200 x 100
    } cases[] = {
        {"watermark-red-100", 158, 78, 40, 20},
        {"watermark-red-100-northwest", 2, 2, 40, 20},
        {"watermark-red-100-topright-m10", 150, 10, 40, 20},
        {"watermark-red-100-center-50pct", 50, 25, 100, 50},
        {"watermark-red-100-100pct-m0", 0, 0, 200, 100},
        {"watermark-red-100-100pct-m10-west", 10, 10, 160, 80},
        {"watermark-red-100-1pct-m0", 198, 99, 2, 1},
    };
    drop_image(flat(200, 100, white, 3, false), "w.png");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bench_done(cases[i].chain, "w.png", "");
        VipsImage *out = see_out(1);
        g_test_message("%s", cases[i].chain);
        double inside = 0;
        VipsImage *green = NULL;
        vips_extract_band(out, &green, 1, NULL);
        vips_avg(green, &inside, NULL); // 255 outside, 0 inside
        g_assert_cmpfloat_with_epsilon((255 - inside) / 255 * 200 * 100,
                                       cases[i].width * cases[i].height, 0.5);
        expect_pixel(out, cases[i].left, cases[i].top, red, 3);
        expect_pixel(out, cases[i].left + cases[i].width - 1, cases[i].top + cases[i].height - 1,
                     red, 3);
        g_object_unref(green);
        g_object_unref(out);
    }
}

static void test_blend(void) {
    static const struct {
        const char *chain;
        int bands;
        bool wide;
        double before[4];
        int bands_out;
        double after[4];
    } cases[] = {
        {"watermark-red", 3, false, {255, 255, 255}, 3, {255, 127.5, 127.5}},
        {"watermark-red-20", 3, false, {0, 100, 0}, 3, {51, 80, 0}},
        {"watermark-red", 1, false, {100}, 3, {177.5, 50, 50}},
        {"watermark-gray-100", 1, false, {7}, 1, {100}},
        {"watermark-gray-100", 1, true, {7}, 1, {25700}},
        {"watermark-gray-100", 3, false, {7, 8, 9}, 3, {100, 100, 100}},
        {"watermark-red-20", 3, true, {0, 10000, 0}, 3, {13107, 8000, 0}},
        {"watermark-red", 4, false, {0, 200, 0, 0}, 4, {255, 0, 0, 127.5}},
        {"watermark-red", 4, false, {0, 200, 0, 255}, 4, {127.5, 100, 0, 255}},
        {"watermark-red", 2, false, {100, 255}, 4, {177.5, 50, 50, 255}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        drop_image(flat(200, 100, cases[i].before, cases[i].bands, cases[i].wide), "b.png");
        bench_done(cases[i].chain, "b.png", "");
        VipsImage *out = see_out(1);
        g_test_message("%s of %d bands", cases[i].chain, cases[i].bands);
        expect_pixel(out, 185, 90, cases[i].after, cases[i].bands_out);
        g_object_unref(out);
    }
}

/** The rank lives; the task says why. */
static void test_unreadable(void) {
    static const struct {
        const char *chain, *why;
    } cases[] = {{"watermark-gone", "No such file"}, {"watermark-text", "seems to be text"}};
    drop_image(flat(200, 100, white, 3, false), "w.png");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_result result = bench_run(cases[i].chain, "w.png");
        g_assert_cmpstr(dm_status_name(result.status), ==, "failed");
        g_assert_nonnull(strstr(result.message, cases[i].why));
        g_assert_true(g_str_has_prefix(result.message, "watermark: name '"));
        dm_result_clear(&result);
    }
    static const char *const troubles[] = {"'text'", "'gone'", "'top'", "'A-b'"};
    for (guint i = 0; i < G_N_ELEMENTS(troubles); i++) {
        g_assert_nonnull(strstr(dm_watermarks_trouble(i), troubles[i]));
    }
    g_assert_null(dm_watermarks_trouble(G_N_ELEMENTS(troubles)));
}

/** What the watcher reads has the names and the troubles, and refuses others. */
static void test_catalogue(void) {
    GError *error = NULL;
    struct dm_catalogue *own = dm_ops_catalogue();
    g_autofree char *text = dm_catalogue_print(own);
    struct dm_catalogue *read = dm_catalogue_parse(text, &error);
    g_assert_no_error(error);
    g_autofree char *troubles = dm_catalogue_troubles(read);
    g_auto(GStrv) lines = g_strsplit(troubles, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    struct dm_chain *chain = NULL;
    g_assert_true(dm_chain_parse(read, NULL, "Watermark red top", &chain, NULL, &error));
    g_assert_cmpstr(chain->written, ==, "watermark-red-top");
    dm_chain_free(chain);
    g_assert_false(dm_chain_parse(read, NULL, "watermark-blue", &chain, NULL, &error));
    g_assert_nonnull(strstr(error->message, "takes red, gray, text or gone"));
    g_clear_error(&error);
    dm_catalogue_free(read);
    dm_catalogue_free(own);

    dm_watermarks_load(NULL);
    own = dm_ops_catalogue();
    g_assert_null(dm_catalogue_troubles(own));
    g_assert_false(dm_chain_parse(own, NULL, "watermark-red", &chain, NULL, &error));
    g_assert_nonnull(strstr(error->message, "group watermarks of dropmill.conf"));
    g_clear_error(&error);
    dm_catalogue_free(own);
}

static const struct background {
    struct dm_colour colour;
    int bands;
    const char *remark;
    int bands_out;
    double after[3];
} backgrounds[] = {
    {{255, 255, 255, 255}, 4, "transparency laid on white", 3, {127, 255, 127}},
    {{0, 0, 0, 255}, 4, "transparency laid on black", 3, {0, 127, 0}},
    {{255, 128, 0, 255}, 4, "transparency laid on ff8000", 3, {127, 191, 0}},
    {{0, 0, 0, 255}, 2, "transparency laid on black", 1, {0}},
    {{0, 0, 255, 255}, 2, "transparency laid on blue", 3, {0, 0, 255}},
};
static struct dm_task_shared *with_background[G_N_ELEMENTS(backgrounds)];

/** What is laid under a picture is settled before there is any. */
static void share_backgrounds(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(backgrounds); i++) {
        const struct dm_task_settings settings = {
            .memory_bytes = 1 << 30, .jailed = true, .background = backgrounds[i].colour};
        with_background[i] = dm_task_shared_new(&settings, NULL);
        g_assert_nonnull(with_background[i]);
    }
}

static void test_background(void) {
    struct dm_task_shared *usual = shared;
    dm_task_thread_end();
    for (size_t i = 0; i < G_N_ELEMENTS(backgrounds); i++) {
        static const double half[] = {0, 255, 0, 128}, none[] = {60, 0};
        drop_image(
            flat(64, 64, backgrounds[i].bands == 4 ? half : none, backgrounds[i].bands, false),
            "b.png");
        shared = with_background[i];
        bench_done("jpeg-100", "b.png", backgrounds[i].remark);
        VipsImage *out = see_out(1);
        double *got = NULL;
        int count = 0;
        g_assert_cmpint(vips_getpoint(out, &got, &count, 30, 30, NULL), ==, 0);
        g_assert_cmpint(count, ==, backgrounds[i].bands_out);
        for (int band = 0; band < count; band++) {
            g_assert_cmpfloat_with_epsilon(got[band], backgrounds[i].after[band], 3);
        }
        g_free(got);
        g_object_unref(out);
        dm_task_thread_end();
        dm_task_shared_free(with_background[i]);
    }
    shared = usual;
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_prepare(make_files);
    g_assert_true(dm_vips_setup(NULL));
    configure();
    bench_open();
    share_backgrounds();
    g_test_add_func("/watermark/place", test_place);
    g_test_add_func("/watermark/blend", test_blend);
    g_test_add_func("/watermark/unreadable", test_unreadable);
    g_test_add_func("/watermark/catalogue", test_catalogue);
    g_test_add_func("/watermark/background", test_background);
    int failed = g_test_run();
    dm_watermarks_clear();
    bench_close();
    return failed;
}
