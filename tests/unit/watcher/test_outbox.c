// SPDX-License-Identifier: MIT
//
// The outbox as a room: rows in, facts and files out, one test for each way that a row can take.
// The share, the ledger and the lane are real; the world is made to refuse by mounts.
#include "tests/unit/watcher/outbox_bench.h"

#define DAY_US (INT64_C(24) * 3600 * G_USEC_PER_SEC)
#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)

static void set_up(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_init(bench);
    bench_start(bench);
    bench_run(bench); // the first chores
}

static void tear_down(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_clear(bench);
}

static void restart(struct bench *bench) {
    bench_stop(bench);
    bench_start(bench);
    bench_run(bench);
}

/** Fail when anything of ours is left in the directory @path of the share. */
static void expect_no_temporaries(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    g_autoptr(GDir) dir = g_dir_open(full, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_assert_false(g_str_has_prefix(name, ".dropmill"));
    }
}

static struct dm_row *row_of(struct bench *bench, int64_t id) {
    struct dm_row *row = dm_ledger_get(bench->ledger, id);
    g_assert_nonnull(row);
    return row;
}

// ---- publishing
// ----------------------------------------------------------------------------------

static void test_whole_way(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/Holiday/a.JPG", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/Holiday/a.JPG", "result");
    bench_expect(bench, "originals/gray/Holiday/a.JPG", "original");
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.JPG"));
    g_assert_true(bench_has(bench, "inbox/gray/Holiday"));
    expect_no_temporaries(bench, "outbox/gray/Holiday");
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    g_assert_cmpstr(row->output, ==, "gray/Holiday/a.JPG");
    dm_row_free(row);
    g_assert_cmpint(bench->wakes, >, 0);
    g_assert_false(dm_outbox_busy(bench->outbox));
}

/** The name is committed before it is used: after the turn that claims, nothing has been renamed.
 */
static void test_claim_comes_first(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_turn(bench); // asks the disk
    g_assert_true(dm_outbox_busy(bench->outbox));
    bench_dispatch(bench);
    bench_turn(bench); // claims
    g_autofree char *owner = dm_ledger_output_owner(bench->ledger, "gray/a.jpg");
    g_assert_cmpstr(owner, ==, "gray/a.jpg");
    g_assert_cmpint(bench->next_us, <=, bench->now_us);
    g_assert_cmpuint(dm_lane_load(bench->lane), ==, 0);
    g_assert_false(bench_has(bench, "outbox/gray/a.jpg"));
    bench_expect_state(bench, id, DM_STATE_COMPUTED);
    bench_turn(bench); // renames
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
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
        struct dm_row *row = row_of(bench, ids[i]);
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
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpint(row->state, ==, DM_STATE_PARKED);
    g_assert_cmpint(row->reason, ==, DM_REASON_INTERNAL);
    g_assert_nonnull(strstr(row->message, "hologram"));
    dm_row_free(row);
}

// ---- after a kill -9 or a power cut
// --------------------------------------------------------------

/** Killed between the rename and the commit: the ledger still says COMPUTED. */
static void test_killed_after_rename(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    struct dm_row *row = row_of(bench, id);
    dm_ledger_claim_output(bench->ledger, "gray/a.jpg", row->path);
    dm_row_set(&row->output, "gray/a.jpg");
    dm_ledger_save(bench->ledger, row);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_rename(bench, temp, "outbox/gray/a.jpg");
    dm_row_free(row);
    restart(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    bench_expect(bench, "originals/gray/a.jpg", "original");
}

/** The temporary is lost, and what has its name is of another size, or older than this drop. */
static void test_lost_temporary(struct bench *bench, gconstpointer data) {
    (void)data;
    static const struct {
        const char *in_place; // NULL: nothing
        int64_t seen_later_us;
    } cases[] = {{NULL, 0}, {"a longer result", 0}, {"result", 10 * G_USEC_PER_SEC}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("gray/%zu.jpg", i);
        g_autofree char *output = dm_path_join("outbox", path);
        int64_t id = bench_computed(bench, path, "original", "jpeg", "result");
        struct dm_row *row = row_of(bench, id);
        dm_ledger_claim_output(bench->ledger, path, path);
        dm_row_set(&row->output, path);
        row->seen_utc_us += cases[i].seen_later_us;
        dm_ledger_save(bench->ledger, row);
        g_autofree char *temp = dm_path_join("outbox", row->temp);
        bench_remove(bench, temp);
        if (cases[i].in_place != NULL) {
            bench_write(bench, output, cases[i].in_place);
        }
        dm_row_free(row);
        bench_run(bench);
        row = row_of(bench, id);
        g_assert_cmpstr(dm_state_name(row->state), ==, "ready");
        g_assert_cmpstr(row->temp, ==, ""); // the engine may have it
        dm_row_free(row);
        g_autofree char *original = dm_path_join("inbox", path);
        g_assert_true(bench_has(bench, original));
    }
}

/** A power cut left the temporary's name and took its bytes: it does not become a result. */
static void test_cut_temporary(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    struct dm_row *row = row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "");
    dm_row_free(row);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_READY);
    g_assert_false(bench_has(bench, "outbox/gray/a.jpg"));
    g_assert_false(bench_has(bench, temp));
}

/** Rows up to PUBLISHED, with the original still in the inbox. */
static int64_t published(struct bench *bench, const char *path) {
    int64_t id = bench_computed(bench, path, "original", "jpeg", "result");
    int64_t other = bench_drop(bench, "gray/other.jpg", "x");
    if (bench_state(bench, other) == DM_STATE_READY) {
        bench_dispatch_row(bench, other); // keeps the group waiting
    }
    bench_commit(bench);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    g_assert_cmpint(bench->next_us, >, bench->now_us);
    g_assert_cmpint(bench->next_us, <=, bench->now_us + 200000);
    return id;
}

static void test_result_gone_after_restart(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t gone = published(bench, "gray/a.jpg");
    int64_t cut = published(bench, "gray/b.jpg");
    bench_remove(bench, "outbox/gray/a.jpg");
    bench_write(bench, "outbox/gray/b.jpg", "res");
    restart(bench);
    bench_pass(bench, 200000);
    bench_expect_state(bench, gone, DM_STATE_READY);
    bench_expect_state(bench, cut, DM_STATE_READY);
    g_assert_true(bench_has(bench, "inbox/gray/a.jpg"));
    g_assert_true(bench_has(bench, "inbox/gray/b.jpg"));
}

/** Whoever takes results away as soon as they appear does not get them again. */
static void test_result_taken_at_once(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench_remove(bench, "outbox/gray/a.jpg");
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
}

/** Killed between the move to originals/ and the commit: it is found there, and kept as long as
 * all. */
static void test_killed_after_retirement(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "originals/gray/a.jpg", "an older one");
    int64_t id = published(bench, "gray/a.jpg");
    bench_rename(bench, "inbox/gray/a.jpg", "originals/gray/a (2).jpg");
    restart(bench);
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_pass(bench, 15 * DAY_US);
    g_assert_false(bench_has(bench, "originals/gray/a (2).jpg"));
    bench_expect(bench, "originals/gray/a.jpg", "an older one"); // not ours
}

// ---- retiring
// ------------------------------------------------------------------------------------

static void test_original_changed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench_write(bench, "inbox/gray/a.jpg", "a newer original");
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_SEEN);
    bench_expect(bench, "inbox/gray/a.jpg", "a newer original");
    g_assert_false(bench_has(bench, "originals/gray"));
    bench_computed(bench, "gray/a.jpg", "a newer original", "jpeg", "a newer result");
    bench_run(bench);
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "a newer result");
}

static void test_original_taken(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench_remove(bench, "inbox/gray/a.jpg");
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    g_assert_false(bench_has(bench, "originals/gray/a.jpg"));
}

static void test_group_by_time(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench_pass(bench, 199999);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_pass(bench, 1);
    bench_expect_state(bench, id, DM_STATE_DONE);
}

static void test_group_by_count(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    for (int i = 1; i < 64; i++) {
        bench_expect_state(bench, id, DM_STATE_PUBLISHED);
        g_autofree char *path = g_strdup_printf("gray/%d.jpg", i);
        bench_computed(bench, path, "original", "jpeg", "result");
        bench_run(bench);
    }
    bench_expect_state(bench, id, DM_STATE_DONE);
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(bench->ledger, counts);
    g_assert_cmpint(counts[DM_STATE_DONE], ==, 64);
}

static void test_keep_ends(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_computed(bench, "gray/Holiday/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_pass(bench, 13 * DAY_US);
    g_assert_true(bench_has(bench, "originals/gray/Holiday/a.jpg"));
    bench_write(bench, "originals/gray/mine.txt", "a user's");
    bench_pass(bench, DAY_US + HOUR_US);
    g_assert_false(bench_has(bench, "originals/gray/Holiday"));
    g_assert_true(bench_has(bench, "originals/gray/mine.txt"));
    g_assert_true(bench_has(bench, "inbox/gray/Holiday"));
    bench_expect(bench, "outbox/gray/Holiday/a.jpg", "result");
}

static void test_keep_for_ever(struct bench *bench, gconstpointer data) {
    (void)data;
    bench->config.keep_us = DM_KEEP_FOREVER;
    bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_pass(bench, 10000 * DAY_US);
    bench_expect(bench, "originals/gray/a.jpg", "original");
}

static void test_keep_nothing(struct bench *bench, gconstpointer data) {
    (void)data;
    bench->config.keep_us = 0;
    int64_t id = bench_computed(bench, "gray/Holiday/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.jpg"));
    g_assert_false(bench_has(bench, "originals/gray"));
    g_assert_true(bench_has(bench, "originals"));
    int64_t changed = published(bench, "gray/b.jpg");
    bench_write(bench, "inbox/gray/b.jpg", "a newer one");
    bench_pass(bench, 200000);
    bench_expect_state(bench, changed, DM_STATE_SEEN);
    bench_expect(bench, "inbox/gray/b.jpg", "a newer one");
}

static void test_many_expire(struct bench *bench, gconstpointer data) {
    (void)data;
    enum { COUNT = 600 }; // more than two lists
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *path = g_strdup_printf("gray/%d.jpg", i);
        bench_computed(bench, path, "original", "jpeg", "result");
    }
    bench_run(bench);
    bench_pass(bench, 15 * DAY_US);
    g_assert_false(bench_has(bench, "originals/gray"));
}

// ---- failing
// -------------------------------------------------------------------------------------

static void expect_retired(struct bench *bench, int64_t id) {
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpstr(dm_state_name(row->state), ==, "failed");
    g_assert_true(row->retired);
    dm_row_free(row);
}

static void test_failed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/Holiday/a.jpg", "broken");
    bench_run(bench);
    expect_retired(bench, id);
    bench_expect(bench, "failed/gray/Holiday/a.jpg", "broken");
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.jpg"));
    g_autofree char *note = bench_read(bench, "failed/gray/Holiday/a.jpg.txt");
    g_assert_nonnull(strstr(note, dm_reason_what(DM_REASON_TRUNCATED)));
    g_assert_nonnull(strstr(note, dm_reason_advice(DM_REASON_TRUNCATED)));
    g_assert_nonnull(strstr(note, "jpeg: premature end of data"));
    g_assert_nonnull(strstr(note, "inbox/gray/Holiday"));
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    g_assert_cmpint(row->reason, ==, DM_REASON_TRUNCATED);
    dm_row_free(row);
}

static void test_failed_never_overwrites(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "failed/gray/a.jpg", "an older one");
    bench_write(bench, "failed/gray/a (2).jpg.txt", "a user's own text");
    bench_failed(bench, "gray/a.jpg", "broken");
    bench_run(bench);
    bench_expect(bench, "failed/gray/a.jpg", "an older one");
    g_assert_false(bench_has(bench, "failed/gray/a.jpg.txt"));
    bench_expect(bench, "failed/gray/a (2).jpg.txt", "a user's own text");
    bench_expect(bench, "failed/gray/a (3).jpg", "broken");
    g_assert_true(bench_has(bench, "failed/gray/a (3).jpg.txt"));
    // a failed text file that has the name of a note
    bench_failed(bench, "gray/a (3).jpg.txt", "some text");
    bench_run(bench);
    bench_expect(bench, "failed/gray/a (3).jpg (2).txt", "some text");
    bench_expect(bench, "failed/gray/a (3).jpg", "broken");
}

static void test_failed_and_changed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/a.jpg", "broken");
    bench_write(bench, "inbox/gray/a.jpg", "the whole picture");
    bench_run(bench);
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpstr(dm_state_name(row->state), ==, "seen");
    g_assert_cmpint(row->generation, ==, 2);
    dm_row_free(row);
    bench_expect(bench, "inbox/gray/a.jpg", "the whole picture");
    g_assert_false(bench_has(bench, "failed/gray"));
}

static void test_failed_and_taken(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/a.jpg", "broken");
    bench_remove(bench, "inbox/gray/a.jpg");
    bench_run(bench);
    expect_retired(bench, id);
    g_assert_false(bench_has(bench, "failed/gray"));
}

/** Killed after the note, and killed after the move: once repeated, there is one file and one note.
 */
static void test_failed_and_killed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/a.jpg", "broken");
    bench_run(bench);
    for (int moved = 0; moved < 2; moved++) {
        bench_rename(bench, "failed/gray/a.jpg", "inbox/gray/a.jpg");
        struct dm_row *row = row_of(bench, id);
        g_autofree char *path = bench_path(bench, "inbox/gray/a.jpg");
        dm_fingerprint_at(AT_FDCWD, path, &row->fingerprint, NULL);
        row->retired = false;
        dm_ledger_save(bench->ledger, row);
        dm_row_free(row);
        if (moved) {
            bench_rename(bench, "inbox/gray/a.jpg", "failed/gray/a.jpg");
        }
        restart(bench);
        expect_retired(bench, id);
        bench_expect(bench, "failed/gray/a.jpg", "broken");
        g_assert_true(bench_has(bench, "failed/gray/a.jpg.txt"));
        g_assert_false(bench_has(bench, "failed/gray/a (2).jpg"));
        g_assert_false(bench_has(bench, "inbox/gray/a.jpg"));
    }
}

/** Moved back by hand: the note goes when the file is done. */
static void test_retried(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/Holiday/a.jpg", "broken");
    bench_run(bench);
    bench_rename(bench, "failed/gray/Holiday/a.jpg", "inbox/gray/Holiday/a.jpg");
    g_assert_cmpint(bench_computed(bench, "gray/Holiday/a.jpg", "now good", "jpeg", "result"), ==,
                    id);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    g_assert_false(bench_has(bench, "failed/gray"));
    g_assert_true(bench_has(bench, "failed"));
}

static void test_notes_are_swept(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_failed(bench, "gray/a.jpg", "broken");
    bench_failed(bench, "gray/b.jpg", "broken");
    bench_run(bench);
    bench_remove(bench, "failed/gray/a.jpg");
    bench_write(bench, "failed/gray/user.txt", "a user's");
    bench_write(bench, "failed/gray/.dropmill-note.tmp", "half");
    bench_pass(bench, HOUR_US);
    g_assert_false(bench_has(bench, "failed/gray/a.jpg.txt"));
    g_assert_true(bench_has(bench, "failed/gray/b.jpg.txt"));
    g_assert_true(bench_has(bench, "failed/gray/user.txt"));
    expect_no_temporaries(bench, "failed/gray");
}

static void test_failed_hostile_names(struct bench *bench, gconstpointer data) {
    (void)data;
    g_autofree char *longest = g_strnfill(DM_NAME_MAX, 'x');
    g_autofree char *twin = g_strnfill(DM_NAME_MAX, 'x');
    twin[DM_NAME_MAX - 1] = 'y'; // its note would have the same name
    const char *const names[] = {"new\nline.jpg", "\xff\xfe.jpg", "-rf", longest, twin};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = dm_path_join("gray", names[i]);
        int64_t id = bench_failed(bench, path, names[i]);
        bench_run(bench);
        expect_retired(bench, id);
    }
    g_autofree char *failed = bench_path(bench, "failed/gray");
    g_autoptr(GDir) dir = g_dir_open(failed, 0, NULL);
    int files = 0;
    while (g_dir_read_name(dir) != NULL) {
        files++;
    }
    g_assert_cmpint(files, ==, 2 * (int)G_N_ELEMENTS(names));
}

// ---- litter
// --------------------------------------------------------------------------------------

static void test_litter_of_lost_tasks(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, id);
    struct dm_row *row = row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "half");
    dm_ledger_move(bench->ledger, row, DM_FACT_LOST);
    dm_row_free(row);
    bench_run(bench);
    g_assert_false(bench_has(bench, temp));
    row = row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    g_assert_cmpstr(dm_state_name(row->state), ==, "ready");
    dm_row_free(row);
}

static void test_strays_are_swept(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t running = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, running);
    struct dm_row *row = row_of(bench, running);
    g_autofree char *own = dm_path_join("outbox", row->temp);
    dm_row_free(row);
    int64_t ready = bench_drop(bench, "gray/b.jpg", "original");
    g_autofree char *earlier = g_strdup_printf("outbox/gray/.dropmill-%d-9.tmp", (int)running);
    g_autofree char *waiting = g_strdup_printf("outbox/gray/.dropmill-%d-1.tmp", (int)ready);
    bench_write(bench, own, "in the making");
    bench_write(bench, earlier, "stray");
    bench_write(bench, waiting, "stray");
    bench_write(bench, "outbox/deep/down/.dropmill-99999-1.tmp", "stray");
    bench_write(bench, "outbox/gray/.dropmill-notes.tmp", "not ours");
    bench_commit(bench);
    bench_pass(bench, HOUR_US);
    g_assert_true(bench_has(bench, own));
    g_assert_false(bench_has(bench, earlier));
    g_assert_false(bench_has(bench, waiting));
    g_assert_false(bench_has(bench, "outbox/deep/down/.dropmill-99999-1.tmp"));
    g_assert_true(bench_has(bench, "outbox/deep/down")); // a user's folder
    g_assert_true(bench_has(bench, "outbox/gray/.dropmill-notes.tmp"));
    row = row_of(bench, ready);
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
}

/** While a READY row's stray is being removed the row is marked: the engine leaves it alone. */
static void test_stray_marks_its_row(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t ready = bench_drop(bench, "gray/b.jpg", "original");
    g_autofree char *stray = g_strdup_printf("gray/.dropmill-%d-1.tmp", (int)ready);
    g_autofree char *path = dm_path_join("outbox", stray);
    bench_write(bench, path, "stray");
    bench_commit(bench);
    bench->now_us += HOUR_US;
    for (int i = 0; i < 100; i++) {
        bench_turn(bench);
        struct dm_row *row = row_of(bench, ready);
        bool marked = strcmp(row->temp, stray) == 0;
        dm_row_free(row);
        if (marked) {
            g_assert_true(bench_has(bench, path) || dm_lane_load(bench->lane) > 0);
            bench_run(bench);
            g_assert_false(bench_has(bench, path));
            return;
        }
        bench_dispatch(bench);
    }
    g_assert_not_reached();
}

// ---- the world refuses
// ---------------------------------------------------------------------------

static void expect_parked(struct bench *bench, int64_t id, const char *why) {
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpstr(dm_state_name(row->state), ==, "parked");
    g_assert_cmpint(row->reason, ==, DM_REASON_CANNOT_WRITE);
    g_assert_nonnull(strstr(row->message, why));
    dm_row_free(row);
}

/** The outbox is a read-only file system: wait, try again, publish. */
static void test_read_only_outbox(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "outbox", "size=1m");
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_remount(bench, "outbox", true);
    bench_run(bench);
    bench_expect_log("*cannot publish the result*Read-only*60 s*");
    expect_parked(bench, id, "Read-only");
    g_assert_true(bench_has(bench, "inbox/gray/a.jpg"));
    g_assert_cmpint(bench->next_us, <=, bench->now_us + bench->config.retry_us + G_USEC_PER_SEC);
    bench_pass(bench, bench->config.retry_us / 2);
    expect_parked(bench, id, "Read-only");
    bench_remount(bench, "outbox", false);
    bench_pass(bench, bench->config.retry_us / 2 + G_USEC_PER_SEC);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    struct dm_row *row = row_of(bench, id);
    g_assert_cmpint(row->reason, ==, DM_REASON_NONE);
    g_assert_cmpstr(row->message, ==, "");
    dm_row_free(row);
    bench_unmount(bench, "outbox");
}

static void test_read_only_originals(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "originals", "size=1m");
    bench_remount(bench, "originals", true);
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_log("*cannot move the original*Read-only*");
    expect_parked(bench, id, "Read-only");
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    bench_expect(bench, "inbox/gray/a.jpg", "original");
    bench_remount(bench, "originals", false);
    bench_pass(bench, bench->config.retry_us + G_USEC_PER_SEC);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "originals/gray/a.jpg", "original");
    bench_unmount(bench, "originals");
}

/** The note must tell why the picture failed, not that failed/ was full for a while. */
static void test_full_failed(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "failed", "nr_inodes=1");
    int64_t id = bench_failed(bench, "gray/a.jpg", "broken");
    bench_run(bench);
    bench_expect_log("*cannot move the file to failed*No space*");
    bench_expect_state(bench, id, DM_STATE_PARKED);
    bench_expect(bench, "inbox/gray/a.jpg", "broken");
    bench_unmount(bench, "failed");
    bench_pass(bench, bench->config.retry_us + G_USEC_PER_SEC);
    expect_retired(bench, id);
    g_autofree char *note = bench_read(bench, "failed/gray/a.jpg.txt");
    g_assert_nonnull(strstr(note, dm_reason_what(DM_REASON_TRUNCATED)));
    g_assert_nonnull(strstr(note, "jpeg: premature end of data"));
}

/** The note had room, its file has not: the note is taken back, else it would tell of nothing. */
static void test_note_is_taken_back(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "failed", "size=64k");
    g_autofree char *large = g_strnfill(200000, 'x');
    int64_t id = bench_failed(bench, "gray/a.jpg", large);
    bench_run(bench);
    bench_expect_log("*cannot move the file to failed*No space*");
    bench_expect_state(bench, id, DM_STATE_PARKED);
    bench_expect(bench, "inbox/gray/a.jpg", large);
    g_assert_false(bench_has(bench, "failed/gray"));
    bench_unmount(bench, "failed");
}

/** Litter that cannot be removed holds its row back and is not tried in a circle. */
static void test_stuck_litter(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "outbox", "size=1m");
    int64_t id = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, id);
    struct dm_row *row = row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "half");
    dm_ledger_move(bench->ledger, row, DM_FACT_LOST);
    dm_row_free(row);
    bench_remount(bench, "outbox", true);
    bench_run(bench);
    bench_expect_log("*cannot remove the temporary*Read-only*");
    g_assert_true(bench_has(bench, temp));
    bench_remount(bench, "outbox", false);
    bench_pass(bench, bench->config.retry_us);
    g_assert_false(bench_has(bench, temp));
    row = row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
    bench_unmount(bench, "outbox");
}

/** A share that is not there: nothing is concluded from what cannot be seen, and nothing is
 * deleted. */
static void test_share_goes_away(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    int64_t computed = bench_computed(bench, "gray/b.jpg", "original", "jpeg", "result");
    int64_t broken = bench_failed(bench, "gray/c.jpg", "broken");
    g_autofree char *away = g_strconcat(bench->share, ".away", NULL);
    g_assert_cmpint(g_rename(bench->share, away), ==, 0);
    g_assert_cmpint(g_mkdir(bench->share, 0755), ==, 0); // an empty mount point
    bench_run(bench);
    for (int i = 0; i < 10; i++) {
        bench_pass(bench, 40 * G_USEC_PER_SEC);
    }
    bench_expect_log("*identity of the share*will retry*");
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_expect_state(bench, computed, DM_STATE_COMPUTED);
    bench_expect_state(bench, broken, DM_STATE_FAILED);
    g_assert_cmpint(bench->next_us, <=, bench->now_us + 30 * G_USEC_PER_SEC);
    g_assert_cmpint(bench->next_us, >, bench->now_us + 20 * G_USEC_PER_SEC); // it has grown
    g_assert_cmpint(rmdir(bench->share), ==, 0);
    g_assert_cmpint(g_rename(away, bench->share), ==, 0);
    bench_pass(bench, 30 * G_USEC_PER_SEC);
    bench_pass(bench, G_USEC_PER_SEC);
    bench_expect_log("*is back*");
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect_state(bench, computed, DM_STATE_DONE);
    expect_retired(bench, broken);
}

static void test_another_share_in_its_place(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench_write(bench, DM_ROOT_ID, "another\n");
    bench_pass(bench, HOUR_US);
    bench_expect_log("*another one*");
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
}

static void test_no_share(void) {
    struct bench bench;
    bench_init(&bench);
    bench_remove(&bench, DM_ROOT_ID);
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_outbox_new(&bench.config, bench.ledger, NULL, &bench.wake, &error));
    g_assert_nonnull(error);
    bench_clear(&bench);
}

/** What changes while an errand is under way makes its answer void. */
static void test_answer_too_late(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = published(bench, "gray/a.jpg");
    bench->now_us += 200000;
    bench_turn(bench); // the errand goes
    struct dm_row *row = row_of(bench, id);
    dm_ledger_move(bench->ledger, row, DM_FACT_CHANGED);
    dm_row_free(row);
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_SEEN);
}

static void test_answer_for_another_state(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_turn(bench);
    bench_dispatch(bench);
    bench_turn(bench);
    bench_turn(bench); // the errand goes
    g_assert_cmpuint(dm_lane_load(bench->lane), ==, 1);
    struct dm_row *row = row_of(bench, id);
    row->not_before_utc_us = INT64_MAX;
    dm_ledger_move(bench->ledger, row, DM_FACT_BLOCKED);
    dm_row_free(row);
    bench_dispatch(bench);
    bench_expect_state(bench, id, DM_STATE_PARKED);
}

/** The daemon ends with jobs on the lane: they come home, and the next start goes on. */
static void test_end_with_jobs(struct bench *bench, gconstpointer data) {
    (void)data;
    for (int i = 0; i < 300; i++) {
        g_autofree char *path = g_strdup_printf("gray/%d.jpg", i);
        bench_computed(bench, path, "original", "jpeg", "result");
    }
    bench_turn(bench);
    restart(bench);
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(bench->ledger, counts);
    g_assert_cmpint(counts[DM_STATE_DONE], ==, 300);
}

static void test_idle_is_idle(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    g_assert_cmpint(bench->next_us, >=, bench->now_us + HOUR_US - G_USEC_PER_SEC);
    int wakes = bench->wakes;
    bench_pass(bench, HOUR_US / 2);
    g_assert_cmpint(bench->wakes, ==, wakes);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_own_mounts();
    bench_catch_log();
    static const struct {
        const char *name;
        void (*run)(struct bench *, gconstpointer);
    } tests[] = {
        {"publish/whole_way", test_whole_way},
        {"publish/claim_comes_first", test_claim_comes_first},
        {"publish/collisions_are_for_ever", test_collisions_are_for_ever},
        {"publish/same_path_replaces_its_own", test_same_path_replaces_its_own},
        {"publish/strangers_file_is_never_overwritten", test_strangers_file_is_never_overwritten},
        {"publish/name_follows_format", test_name_follows_format},
        {"publish/hostile_names", test_hostile_names},
        {"publish/many", test_many},
        {"publish/unknown_format_is_parked", test_unknown_format_is_parked},
        {"crash/killed_after_rename", test_killed_after_rename},
        {"crash/lost_temporary", test_lost_temporary},
        {"crash/cut_temporary", test_cut_temporary},
        {"crash/result_gone_after_restart", test_result_gone_after_restart},
        {"crash/result_taken_at_once", test_result_taken_at_once},
        {"crash/killed_after_retirement", test_killed_after_retirement},
        {"crash/end_with_jobs", test_end_with_jobs},
        {"retire/original_changed", test_original_changed},
        {"retire/original_taken", test_original_taken},
        {"retire/group_by_time", test_group_by_time},
        {"retire/group_by_count", test_group_by_count},
        {"retire/keep_ends", test_keep_ends},
        {"retire/keep_for_ever", test_keep_for_ever},
        {"retire/keep_nothing", test_keep_nothing},
        {"retire/many_expire", test_many_expire},
        {"failed/failed", test_failed},
        {"failed/never_overwrites", test_failed_never_overwrites},
        {"failed/changed", test_failed_and_changed},
        {"failed/taken", test_failed_and_taken},
        {"failed/killed", test_failed_and_killed},
        {"failed/retried", test_retried},
        {"failed/notes_are_swept", test_notes_are_swept},
        {"failed/hostile_names", test_failed_hostile_names},
        {"litter/of_lost_tasks", test_litter_of_lost_tasks},
        {"litter/strays_are_swept", test_strays_are_swept},
        {"litter/stray_marks_its_row", test_stray_marks_its_row},
        {"refused/read_only_outbox", test_read_only_outbox},
        {"refused/read_only_originals", test_read_only_originals},
        {"refused/full_failed", test_full_failed},
        {"refused/note_is_taken_back", test_note_is_taken_back},
        {"refused/stuck_litter", test_stuck_litter},
        {"refused/share_goes_away", test_share_goes_away},
        {"refused/another_share_in_its_place", test_another_share_in_its_place},
        {"turn/answer_too_late", test_answer_too_late},
        {"turn/answer_for_another_state", test_answer_for_another_state},
        {"turn/idle_is_idle", test_idle_is_idle},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/outbox/", tests[i].name, NULL);
        g_test_add(path, struct bench, NULL, set_up, tests[i].run, tear_down);
    }
    g_test_add_func("/outbox/refused/no_share", test_no_share);
    return g_test_run();
}
