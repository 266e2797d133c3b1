// SPDX-License-Identifier: MIT
//
// The outbox as a room: rows in, facts and files out. Results get their names, turns their order.
// The share and the ledger are real.
#include "tests/unit/watcher/support/outbox_bench.h"

// ---- publishing

static void test_whole_way(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/Holiday/a.JPG", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/Holiday/a.JPG", "result");
    bench_expect(bench, "originals/gray/Holiday/a.JPG", "original");
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.JPG"));
    g_assert_true(bench_has(bench, "inbox/gray/Holiday"));
    bench_expect_no_temporaries(bench, "outbox/gray/Holiday");
    struct dm_row *row = bench_row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    g_assert_cmpstr(row->output, ==, "gray/Holiday/a.JPG");
    dm_row_free(row);
    g_assert_cmpint(bench->wakes, >, 0);
    g_assert_false(dm_share_load(bench->share) > 0);
}

/** The name is committed before it is used: in the turn that claims it, nothing is renamed. */
static void test_claim_comes_first(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    dm_outbox_turn(bench->outbox, bench->now_us);
    g_autofree char *owner = dm_ledger_output_owner(bench->ledger, "gray/a.jpg", NULL);
    g_assert_cmpstr(owner, ==, "gray/a.jpg");
    g_assert_cmpuint(dm_share_load(bench->share), ==, 0);
    bench_commit(bench);
    dm_outbox_committed(bench->outbox);
    g_assert_cmpuint(dm_share_load(bench->share), ==, 1);
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
}

/** Somebody's file is in the way: it is not touched, and the claim on its name is given back. */
static void test_taken(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "outbox/gray/a.jpg", "somebody's");
    bench_write(bench, "outbox/gray/a (jpg).jpg", "somebody's, too");
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "somebody's");
    bench_expect(bench, "outbox/gray/a (jpg).jpg", "somebody's, too");
    bench_expect(bench, "outbox/gray/a (jpg 2).jpg", "result");
    g_assert_null(dm_ledger_output_owner(bench->ledger, "gray/a.jpg", NULL));
    bench_remove(bench, "outbox/gray/a.jpg");
    bench_computed(bench, "gray/a.jpg", "original 2", "jpeg", "result 2"); // it keeps its name
    bench_run(bench);
    bench_expect(bench, "outbox/gray/a (jpg 2).jpg", "result 2");
    g_assert_false(bench_has(bench, "outbox/gray/a.jpg"));
}

static void test_collisions_are_for_ever(struct bench *bench, gconstpointer data) {
    (void)data;
    for (int round = 0; round < 3; round++) {
        g_autofree char *of_jpg = g_strdup_printf("of jpg %d", round);
        g_autofree char *of_png = g_strdup_printf("of png %d", round);
        bool png_first = round == 1;
        if (png_first) {
            bench_computed(bench, "webp/a.png", "png", "webp", of_png);
        }
        bench_computed(bench, "webp/a.jpg", "jpg", "webp", of_jpg);
        if (!png_first) {
            bench_computed(bench, "webp/a.png", "png", "webp", of_png);
        }
        bench_run(bench);
        bench_expect(bench, "outbox/webp/a.webp", of_jpg);
        bench_expect(bench, "outbox/webp/a (png).webp", of_png);
    }
    g_assert_false(bench_has(bench, "outbox/webp/a (jpg).webp"));
    g_assert_false(bench_has(bench, "outbox/webp/a (png 2).webp"));
}

static void test_same_path_replaces_its_own(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t first = bench_computed(bench, "gray/a.jpg", "original 1", "jpeg", "result 1");
    bench_run(bench);
    int64_t second = bench_computed(bench, "gray/a.jpg", "original 2", "jpeg", "result 2");
    bench_run(bench);
    g_assert_cmpint(first, ==, second);
    bench_expect_state(bench, second, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result 2");
    bench_expect(bench, "originals/gray/a.jpg", "original 1");
    bench_expect(bench, "originals/gray/a (2).jpg", "original 2");
}

static void test_strangers_file_is_never_overwritten(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "outbox/webp/a.webp", "somebody's own");
    g_autofree char *dir = bench_path(bench, "outbox/webp/a (png).webp");
    g_assert_cmpint(g_mkdir(dir, 0775), ==, 0);
    g_autofree char *link = bench_path(bench, "outbox/webp/a (png 2).webp");
    g_assert_cmpint(symlink("nowhere", link), ==, 0);
    int64_t id = bench_computed(bench, "webp/a.png", "original", "webp", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/webp/a.webp", "somebody's own");
    bench_expect(bench, "outbox/webp/a (png 3).webp", "result");
}

/** The picture was not what its name said, and the next one at this path is: each has a right name.
 */
static void test_name_follows_format(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_computed(bench, "gray/a.jpg", "a png in truth", "png", "result 1");
    bench_run(bench);
    bench_expect(bench, "outbox/gray/a.png", "result 1");
    bench_computed(bench, "gray/a.jpg", "a jpeg", "jpeg", "result 2");
    bench_run(bench);
    bench_expect(bench, "outbox/gray/a.jpg", "result 2");
    bench_expect(bench, "outbox/gray/a.png", "result 1");
}

static void test_hostile_names(struct bench *bench, gconstpointer data) {
    (void)data;
    g_autofree char *long_stem = g_strnfill(DM_NAME_MAX - 4, 'x');
    g_autofree char *longest = g_strconcat(long_stem, ".jpg", NULL);
    g_autofree char *longest_png = g_strconcat(long_stem, ".png", NULL);
    const char *const names[] = {"new\nline.jpg", "\xff\xfe.jpg", "-rf.jpg", "a 'b' \"c\".jpg", " ",
                                 longest,         longest_png};
    int64_t ids[G_N_ELEMENTS(names)];
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = dm_path_join("webp", names[i]);
        ids[i] = bench_computed(bench, path, names[i], "webp", names[i]);
    }
    bench_run(bench);
    g_autoptr(GHashTable) outputs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct dm_row *row = bench_row_of(bench, ids[i]);
        g_assert_cmpint(row->state, ==, DM_STATE_DONE);
        g_autofree char *output = dm_path_join("outbox", row->output);
        g_autofree char *original = dm_path_join("originals", row->path);
        bench_expect(bench, output, names[i]);
        bench_expect(bench, original, names[i]);
        g_assert_true(g_hash_table_add(outputs, g_strdup(row->output)));
        dm_row_free(row);
    }
}

static void test_many(struct bench *bench, gconstpointer data) {
    (void)data;
    enum { COUNT = 700 }; // more than two jobs
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *path = g_strdup_printf("gray/d%d/%d.jpg", i % 7, i);
        bench_computed(bench, path, path, "jpeg", path);
    }
    bench_run(bench);
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(bench->ledger, counts);
    g_assert_cmpint(counts[DM_STATE_DONE], ==, COUNT);
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *path = g_strdup_printf("gray/d%d/%d.jpg", i % 7, i);
        g_autofree char *output = dm_path_join("outbox", path);
        bench_expect(bench, output, path);
    }
}

static void test_unknown_format_is_parked(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "hologram", "result");
    bench_run(bench);
    struct dm_row *row = bench_row_of(bench, id);
    g_assert_cmpint(row->state, ==, DM_STATE_PARKED);
    g_assert_cmpint(row->reason, ==, DM_REASON_INTERNAL);
    g_assert_nonnull(strstr(row->message, "hologram"));
    dm_row_free(row);
}

// ---- turns

/** What changes while an op is under way makes its answer void. */
static void test_answer_too_late(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench->now_us += 200000;
    bench_turn(bench); // the operation goes
    struct dm_row *row = bench_row_of(bench, id);
    dm_ledger_move(bench->ledger, row, DM_FACT_CHANGED);
    dm_row_free(row);
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_SEEN);
}

static void test_answer_for_another_state(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_turn(bench); // the operation goes
    g_assert_cmpuint(dm_share_load(bench->share), ==, 1);
    struct dm_row *row = bench_row_of(bench, id);
    row->reason = DM_REASON_CANNOT_WRITE;
    row->not_before_utc_us = INT64_MAX;
    dm_ledger_move(bench->ledger, row, DM_FACT_BLOCKED);
    dm_row_free(row);
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_PARKED);
}

/** The daemon ends with jobs on the share: they come back, and the next start goes on. */
static void test_end_with_jobs(struct bench *bench, gconstpointer data) {
    (void)data;
    for (int i = 0; i < 300; i++) {
        g_autofree char *path = g_strdup_printf("gray/%d.jpg", i);
        bench_computed(bench, path, "original", "jpeg", "result");
    }
    bench_turn(bench);
    bench_restart(bench);
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(bench->ledger, counts);
    g_assert_cmpint(counts[DM_STATE_DONE], ==, 300);
}

static void test_idle_is_idle(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    g_assert_cmpint(bench->next_us, >=, bench->now_us + HOUR_US - SECOND_US);
    int wakes = bench->wakes;
    bench_pass(bench, HOUR_US / 2);
    g_assert_cmpint(bench->wakes, ==, wakes);
}

int main(int argc, char **argv) {
    static const struct bench_test tests[] = {
        {"publish/whole_way", test_whole_way},
        {"publish/claim_comes_first", test_claim_comes_first},
        {"publish/taken", test_taken},
        {"publish/collisions_are_for_ever", test_collisions_are_for_ever},
        {"publish/same_path_replaces_its_own", test_same_path_replaces_its_own},
        {"publish/strangers_file_is_never_overwritten", test_strangers_file_is_never_overwritten},
        {"publish/name_follows_format", test_name_follows_format},
        {"publish/hostile_names", test_hostile_names},
        {"publish/many", test_many},
        {"publish/unknown_format_is_parked", test_unknown_format_is_parked},
        {"crash/end_with_jobs", test_end_with_jobs},
        {"turn/answer_too_late", test_answer_too_late},
        {"turn/answer_for_another_state", test_answer_for_another_state},
        {"turn/idle_is_idle", test_idle_is_idle},
    };
    return bench_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
