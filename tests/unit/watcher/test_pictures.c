// SPDX-License-Identifier: MIT
//
// Thumbnails and previews over a maker that is the test: what it is asked for, who is told what,
// and that no file is left. With the real worker: tests/e2e/page_pictures.t.
#include "watcher/page/pictures.h"

#include "tests/unit/watcher/support/page_catalogue.h"
#include "watcher/page/picture_size.h"
#include "watcher/page/thumb_cache.h"

#include <glib/gstdio.h>
#include <string.h>

// ---- a maker that makes when it is told

struct fake_ask {
    int64_t number;
    char *chain, *input_root, *input, *output;
    bool urgent, begun;
    dm_alone_done done;
    void *data;
};

struct fake {
    GPtrArray *asks; // struct fake_ask
    int64_t numbers;
    guint most;
};

static void fake_ask_free(void *data) {
    struct fake_ask *ask = data;
    g_free(ask->chain);
    g_free(ask->input_root);
    g_free(ask->input);
    g_free(ask->output);
    g_free(ask);
}

static int64_t fake_ask(void *maker, const struct dm_task *task, bool urgent, dm_alone_done done,
                        void *data) {
    struct fake *fake = maker;
    if (fake->asks->len >= fake->most) {
        return 0;
    }
    struct fake_ask *ask = g_new0(struct fake_ask, 1);
    *ask = (struct fake_ask){.number = ++fake->numbers,
                             .chain = g_strdup(task->chain),
                             .input_root = g_strdup(task->input_root),
                             .input = g_strdup(task->input),
                             .output = g_build_filename(task->output_root, task->temp, NULL),
                             .urgent = urgent,
                             .done = done,
                             .data = data};
    g_ptr_array_add(fake->asks, ask);
    return ask->number;
}

static bool fake_withdraw(void *maker, int64_t number) {
    struct fake *fake = maker;
    for (guint i = 0; i < fake->asks->len; i++) {
        const struct fake_ask *ask = g_ptr_array_index(fake->asks, i);
        if (ask->number == number && !ask->begun) {
            g_ptr_array_remove_index(fake->asks, i);
            return true;
        }
    }
    return false;
}

// ---- the bench

struct heard {
    int count;
    enum dm_picture_outcome outcome;
    enum dm_reason reason;
    char *jpeg, *message, *suggestion;
    struct dm_extent result;
    bool exact;
    double scale;
};

struct bench {
    struct fake fake;
    struct dm_catalogue *catalogue;
    char *dir;
    struct dm_pictures *pictures;
    struct heard heard[4];
};

static void bench_open(struct bench *bench, gconstpointer patience_ms) {
    g_autoptr(GError) error = NULL;
    bench->fake = (struct fake){.asks = g_ptr_array_new_with_free_func(fake_ask_free), .most = 3};
    bench->catalogue = dm_catalogue_parse(page_catalogue, NULL);
    bench->dir = g_dir_make_tmp("dropmill-pictures-XXXXXX", NULL);
    g_autofree char *litter = g_build_filename(bench->dir, "7.jpg", NULL);
    g_assert_true(g_file_set_contents(litter, "of an earlier process", -1, NULL));
    const struct dm_pictures_config config = {
        .catalogue = bench->catalogue,
        .maker = {.ask = fake_ask, .withdraw = fake_withdraw, .maker = &bench->fake},
        .dir = bench->dir,
        .cache_bytes = 1000,
        .patience_us = (int64_t)GPOINTER_TO_INT(patience_ms) * 1000,
    };
    bench->pictures = dm_pictures_new(&config, &error);
    g_assert_no_error(error);
    g_assert_false(g_file_test(litter, G_FILE_TEST_EXISTS));
}

static guint files_in(const char *dir) {
    GDir *open = g_dir_open(dir, 0, NULL);
    guint count = 0;
    while (g_dir_read_name(open) != NULL) {
        count++;
    }
    g_dir_close(open);
    return count;
}

static void bench_close(struct bench *bench, gconstpointer patience_ms) {
    (void)patience_ms;
    dm_pictures_free(bench->pictures);
    g_assert_cmpuint(files_in(bench->dir), ==, 0);
    g_assert_cmpint(g_rmdir(bench->dir), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bench->heard); i++) {
        g_free(bench->heard[i].jpeg);
        g_free(bench->heard[i].message);
        g_free(bench->heard[i].suggestion);
    }
    dm_catalogue_free(bench->catalogue);
    g_ptr_array_unref(bench->fake.asks);
    g_free(bench->dir);
}

static void on_answer(void *data, const struct dm_picture_answer *answer) {
    struct heard *heard = data;
    gsize size = 0;
    const char *bytes = answer->jpeg != NULL ? g_bytes_get_data(answer->jpeg, &size) : NULL;
    g_free(heard->jpeg);
    g_free(heard->message);
    g_free(heard->suggestion);
    *heard = (struct heard){.count = heard->count + 1,
                            .outcome = answer->outcome,
                            .reason = answer->reason,
                            .jpeg = bytes != NULL ? g_strndup(bytes, size) : NULL,
                            .message = g_strdup(answer->message),
                            .suggestion = g_strdup(answer->suggestion),
                            .result = answer->result,
                            .exact = answer->exact,
                            .scale = answer->scale};
}

/** The maker's oldest ask. */
static struct fake_ask *oldest(struct bench *bench) {
    g_assert_cmpuint(bench->fake.asks->len, >, 0);
    return g_ptr_array_index(bench->fake.asks, 0);
}

/** Answer it: with a picture that is @jpeg, or (NULL) as @result says. */
static void make(struct bench *bench, const char *jpeg, struct dm_result result) {
    struct fake_ask *ask = g_ptr_array_steal_index(bench->fake.asks, 0);
    result.id = ask->number;
    result.message = result.message != NULL ? result.message : "";
    result.format = "jpeg";
    if (jpeg != NULL) {
        result.status = DM_STATUS_DONE;
        result.bytes = (int64_t)strlen(jpeg);
        g_assert_true(g_file_set_contents(ask->output, jpeg, -1, NULL));
    }
    ask->done(ask->data, &result);
    fake_ask_free(ask);
}

static struct dm_picture_request *want_thumb(struct bench *bench, int64_t row, int64_t generation,
                                             int heard) {
    const struct dm_picture_row facts = {
        .row = row, .generation = generation, .root = "/outbox", .path = "gray/a.jpg"};
    return dm_pictures_thumb(bench->pictures, &facts, on_answer, &bench->heard[heard]);
}

static const uint8_t copy_bytes[] = { // the head of a JPEG of 1280 x 960
    0xFF, 0xD8, 0xFF, 0xE0, 0,    4, 0, 0,    0xFF, 0xC0, 0,    17, 8,    3,   0xC0,
    5,    0,    3,    1,    0x22, 0, 2, 0x11, 1,    3,    0x11, 1,  0xFF, 0xDA};

static struct dm_picture_request *want_preview(struct bench *bench, const char *client,
                                               const char *chain, int heard) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(copy_bytes, sizeof(copy_bytes));
    const struct dm_picture_preview preview = {.client = client,
                                               .chain = chain,
                                               .mode = DM_PREVIEW_WHOLE,
                                               .original = {4000, 3000},
                                               .bytes = bytes};
    return dm_pictures_preview(bench->pictures, &preview, on_answer, &bench->heard[heard]);
}

// ---- thumbnails

static void test_thumb(struct bench *bench, gconstpointer unused) {
    (void)unused;
    g_assert_nonnull(want_thumb(bench, 5, 1, 0));
    g_assert_cmpstr(oldest(bench)->chain, ==, "strip_fit-320_jpeg-70");
    g_assert_cmpstr(oldest(bench)->input_root, ==, "/outbox");
    g_assert_cmpstr(oldest(bench)->input, ==, "gray/a.jpg");
    g_assert_false(oldest(bench)->urgent);
    make(bench, "small", (struct dm_result){0});
    g_assert_cmpint(bench->heard[0].outcome, ==, DM_PICTURE_MADE);
    g_assert_cmpstr(bench->heard[0].jpeg, ==, "small");
    g_assert_cmpuint(files_in(bench->dir), ==, 0);

    g_assert_null(want_thumb(bench, 5, 1, 1)); // kept
    g_assert_cmpstr(bench->heard[1].jpeg, ==, "small");
    g_assert_nonnull(want_thumb(bench, 5, 2, 2)); // made again
    make(bench, "new", (struct dm_result){0});
    g_assert_cmpstr(bench->heard[2].jpeg, ==, "new");
    g_assert_cmpint(bench->heard[0].count, ==, 1);
}

static void test_thumb_for_two(struct bench *bench, gconstpointer unused) {
    (void)unused;
    struct dm_picture_request *first = want_thumb(bench, 5, 1, 0);
    g_assert_nonnull(want_thumb(bench, 5, 1, 1));
    g_assert_cmpuint(bench->fake.asks->len, ==, 1);
    dm_pictures_cancel(bench->pictures, first);
    g_assert_cmpuint(bench->fake.asks->len, ==, 1);
    make(bench, "small", (struct dm_result){0});
    g_assert_cmpint(bench->heard[0].count, ==, 0);
    g_assert_cmpstr(bench->heard[1].jpeg, ==, "small");

    dm_pictures_cancel(bench->pictures, want_thumb(bench, 6, 1, 0));
    g_assert_cmpuint(bench->fake.asks->len, ==, 0); // nobody waits for it
    struct dm_picture_request *begun = want_thumb(bench, 7, 1, 0);
    oldest(bench)->begun = true;
    dm_pictures_cancel(bench->pictures, begun);
    make(bench, "small", (struct dm_result){0});
    g_assert_cmpint(bench->heard[0].count, ==, 0);
    g_assert_null(want_thumb(bench, 7, 1, 0)); // it is kept all the same
}

static void test_thumb_fails(struct bench *bench, gconstpointer unused) {
    (void)unused;
    want_thumb(bench, 5, 1, 0);
    make(bench, NULL,
         (struct dm_result){
             .status = DM_STATUS_FAILED, .reason = DM_REASON_DAMAGED, .message = "no"});
    g_assert_cmpint(bench->heard[0].outcome, ==, DM_PICTURE_FAILED);
    g_assert_cmpint(bench->heard[0].reason, ==, DM_REASON_DAMAGED);
    g_assert_null(want_thumb(bench, 5, 1, 0)); // nobody tries again
    g_assert_cmpint(bench->heard[0].outcome, ==, DM_PICTURE_FAILED);

    want_thumb(bench, 6, 1, 1);
    make(bench, NULL,
         (struct dm_result){
             .status = DM_STATUS_BLOCKED, .reason = DM_REASON_CANNOT_WRITE, .message = "full"});
    g_assert_cmpint(bench->heard[1].outcome, ==, DM_PICTURE_TROUBLE);
    g_assert_cmpstr(bench->heard[1].message, ==, "full");
    g_assert_nonnull(want_thumb(bench, 6, 1, 1));
}

static void test_busy(struct bench *bench, gconstpointer unused) {
    (void)unused;
    for (int i = 0; i < 3; i++) {
        g_assert_nonnull(want_thumb(bench, i, 1, 0));
    }
    g_assert_null(want_thumb(bench, 3, 1, 1));
    g_assert_cmpint(bench->heard[1].outcome, ==, DM_PICTURE_BUSY);
    g_assert_null(want_preview(bench, "anna", "gray", 2));
    g_assert_cmpint(bench->heard[2].outcome, ==, DM_PICTURE_BUSY);
    g_assert_cmpint(bench->heard[0].count, ==, 0);
}

// ---- previews

static void test_preview(struct bench *bench, gconstpointer unused) {
    (void)unused;
    g_assert_nonnull(want_preview(bench, "anna", "Resize 1600 then Blur 10", 0));
    g_assert_cmpstr(oldest(bench)->chain, ==, "blur-8_jpeg-90");
    g_assert_cmpstr(oldest(bench)->input_root, ==, bench->dir);
    g_assert_true(oldest(bench)->urgent);
    g_autofree char *input = g_build_filename(bench->dir, oldest(bench)->input, NULL);
    g_autofree char *bytes = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(input, &bytes, &size, NULL));
    g_assert_cmpuint(size, ==, sizeof(copy_bytes));
    g_assert_cmpint(memcmp(bytes, copy_bytes, size), ==, 0);
    make(bench, "seen", (struct dm_result){.width_px = 1280, .height_px = 960});
    g_assert_cmpstr(bench->heard[0].jpeg, ==, "seen");
    g_assert_cmpint(bench->heard[0].result.width, ==, 1600);
    g_assert_cmpint(bench->heard[0].result.height, ==, 1200);
    g_assert_true(bench->heard[0].exact);
    g_assert_cmpfloat_with_epsilon(bench->heard[0].scale, 0.8, 0.001);
    g_assert_cmpuint(files_in(bench->dir), ==, 0);

    want_preview(bench, "anna", "trim", 1); // measured on the preview
    make(bench, "seen", (struct dm_result){.width_px = 640, .height_px = 320});
    g_assert_cmpint(bench->heard[1].result.width, ==, 2000);
    g_assert_cmpint(bench->heard[1].result.height, ==, 1000);
    g_assert_false(bench->heard[1].exact);
}

static void test_newest_wins(struct bench *bench, gconstpointer unused) {
    (void)unused;
    want_preview(bench, "anna", "gray", 0);
    want_preview(bench, "mia", "gray", 1);
    want_preview(bench, "anna", "blur-3", 2);
    g_assert_cmpint(bench->heard[0].outcome, ==, DM_PICTURE_SUPERSEDED);
    g_assert_cmpint(bench->heard[0].count, ==, 1);
    g_assert_cmpuint(bench->fake.asks->len, ==, 2);
    make(bench, "of mia", (struct dm_result){0});
    g_assert_cmpstr(bench->heard[1].jpeg, ==, "of mia");

    oldest(bench)->begun = true; // what is begun comes
    want_preview(bench, "anna", "blur-4", 3);
    g_assert_cmpint(bench->heard[2].count, ==, 0);
    want_preview(bench, "anna", "blur-5", 0);
    g_assert_cmpint(bench->heard[3].outcome, ==, DM_PICTURE_SUPERSEDED);
    make(bench, "first", (struct dm_result){0});
    make(bench, "last", (struct dm_result){0});
    g_assert_cmpstr(bench->heard[2].jpeg, ==, "first");
    g_assert_cmpstr(bench->heard[0].jpeg, ==, "last");
}

static void test_refused(struct bench *bench, gconstpointer unused) {
    (void)unused;
    g_assert_null(want_preview(bench, "anna", "rotat-90", 0));
    g_assert_cmpint(bench->heard[0].outcome, ==, DM_PICTURE_CHAIN);
    g_assert_cmpstr(bench->heard[0].suggestion, ==, "rotate-90");
    g_assert_null(want_preview(bench, "anna", "crop-5000x10", 1));
    g_assert_cmpint(bench->heard[1].outcome, ==, DM_PICTURE_FAILED);
    g_assert_cmpint(bench->heard[1].reason, ==, DM_REASON_BAD_STEP);
    g_assert_nonnull(strstr(bench->heard[1].message, "4000x3000"));

    g_autoptr(GBytes) bytes = g_bytes_new_static("II*", 3);
    struct dm_picture_preview preview = {.client = "anna",
                                         .chain = "gray",
                                         .mode = DM_PREVIEW_WHOLE,
                                         .original = {4000, 3000},
                                         .bytes = bytes};
    g_assert_null(dm_pictures_preview(bench->pictures, &preview, on_answer, &bench->heard[2]));
    g_assert_cmpint(bench->heard[2].outcome, ==, DM_PICTURE_FAILED);
    preview.mode = DM_PREVIEW_FILE; // the worker will say
    g_assert_nonnull(dm_pictures_preview(bench->pictures, &preview, on_answer, &bench->heard[2]));
    make(bench, "seen", (struct dm_result){.width_px = 100, .height_px = 50});
    g_assert_cmpint(bench->heard[2].result.width, ==, 100);
    g_assert_true(bench->heard[2].exact);
}

static void test_patience(struct bench *bench, gconstpointer unused) {
    (void)unused;
    want_preview(bench, "anna", "gray", 0);
    want_preview(bench, "mia", "gray", 1);
    oldest(bench)->begun = true;
    while (bench->heard[1].count == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(bench->heard[1].outcome, ==, DM_PICTURE_BUSY);
    g_assert_cmpuint(bench->fake.asks->len, ==, 1);
    make(bench, "late", (struct dm_result){0});
    g_assert_cmpstr(bench->heard[0].jpeg, ==, "late");
}

// ---- what it stands on

static void test_cache(void) {
    struct dm_thumb_cache *cache = dm_thumb_cache_new(1000);
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_malloc0(200), 200);
    g_autoptr(GBytes) large = g_bytes_new_take(g_malloc0(2000), 2000);
    dm_thumb_cache_put(cache, 1, 1, bytes);
    dm_thumb_cache_put(cache, 2, 1, bytes);
    g_assert_nonnull(dm_thumb_cache_get(cache, 1, 1));
    dm_thumb_cache_put(cache, 3, 1, bytes); // 2 is the longest unused
    g_assert_null(dm_thumb_cache_get(cache, 2, 1));
    g_assert_nonnull(dm_thumb_cache_get(cache, 1, 1));
    dm_thumb_cache_put(cache, 1, 2, bytes);
    g_assert_null(dm_thumb_cache_get(cache, 1, 1));
    g_assert_cmpuint(dm_thumb_cache_count(cache), ==, 2);
    dm_thumb_cache_put(cache, 4, 1, large);
    g_assert_null(dm_thumb_cache_get(cache, 4, 1));
    g_assert_cmpuint(dm_thumb_cache_bytes(cache), <=, 1000);
    g_assert_cmpuint(dm_thumb_cache_count(cache), ==, 2);
    dm_thumb_cache_free(cache);
}

static void test_size(void) {
    static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\5\0\0\0\3\xC0";
    struct dm_extent extent;
    g_assert_true(dm_picture_size(copy_bytes, sizeof(copy_bytes), &extent));
    g_assert_cmpint(extent.width, ==, 1280);
    g_assert_cmpint(extent.height, ==, 960);
    g_assert_true(dm_picture_size(png, sizeof(png) - 1, &extent));
    g_assert_cmpint(extent.height, ==, 960);
    for (size_t size = 0; size < sizeof(copy_bytes); size++) { // never beyond its end
        g_autofree uint8_t *cut = g_memdup2(copy_bytes, size);
        (void)dm_picture_size(cut, size, &extent);
    }
    for (size_t size = 0; size < sizeof(png) - 1; size++) {
        g_autofree uint8_t *cut = g_memdup2(png, size);
        g_assert_false(dm_picture_size(cut, size, &extent));
    }
}

static void add(const char *path, void (*test)(struct bench *bench, gconstpointer patience_ms),
                int patience_ms) {
    g_test_add(path, struct bench, GINT_TO_POINTER(patience_ms), bench_open, test, bench_close);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    add("/pictures/thumb", test_thumb, 0);
    add("/pictures/thumb-for-two", test_thumb_for_two, 0);
    add("/pictures/thumb-fails", test_thumb_fails, 0);
    add("/pictures/busy", test_busy, 0);
    add("/pictures/preview", test_preview, 0);
    add("/pictures/newest-wins", test_newest_wins, 0);
    add("/pictures/refused", test_refused, 0);
    add("/pictures/patience", test_patience, 20);
    g_test_add_func("/pictures/cache", test_cache);
    g_test_add_func("/pictures/size", test_size);
    return g_test_run();
}
