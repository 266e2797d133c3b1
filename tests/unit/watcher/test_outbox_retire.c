// SPDX-License-Identifier: MIT
//
// The outbox as a room: originals leave the inbox, for originals/ or for failed/.
#include "tests/unit/watcher/support/outbox_bench.h"
#include "watcher/ledger/uploads.h"

// ---- retiring

static void test_original_changed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
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
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench_remove(bench, "inbox/gray/a.jpg");
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    g_assert_false(bench_has(bench, "originals/gray/a.jpg"));
}

/** An original whose writer may come back can be found by it for a while; its result is there. */
static void test_original_stays(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.tif");
    DM_AUTO_ROW struct dm_row *row = bench_row_of(bench, id);
    row->stays_utc_us = dm_ledger_utc_us(bench->ledger) + 12 * SECOND_US;
    dm_ledger_save(bench->ledger, row);
    bench_pass(bench, 11 * SECOND_US);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_pass(bench, SECOND_US);
    bench_pass(bench, SECOND_US);
    bench_expect_state(bench, id, DM_STATE_DONE);
}

static void test_group_by_time(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench_pass(bench, 199999);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_pass(bench, 1);
    bench_expect_state(bench, id, DM_STATE_DONE);
}

static void test_group_by_count(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
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

static guint count_kept(struct bench *bench) {
    g_autoptr(GPtrArray) kept = dm_ledger_expired_originals(bench->ledger, INT64_MAX, 10);
    return kept->len;
}

static void keep_one(struct bench *bench) {
    bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    g_assert_true(bench_has(bench, "originals/gray/a.jpg"));
    g_assert_cmpuint(count_kept(bench), ==, 1);
}

/** A person's own file, put there under the name of an original, is his. */
static void test_keep_of_somebody(struct bench *bench, gconstpointer data) {
    (void)data;
    keep_one(bench);
    bench_write(bench, "originals/gray/mine", "original");
    bench_rename(bench, "originals/gray/mine", "originals/gray/a.jpg");
    bench_pass(bench, 15 * DAY_US);
    bench_expect(bench, "originals/gray/a.jpg", "original");
    bench_expect_log("'originals/gray/a.jpg' is not the original*left alone");
    g_assert_cmpuint(count_kept(bench), ==, 0);
}

/** So is an original that somebody has gone on working at. */
static void test_keep_changed(struct bench *bench, gconstpointer data) {
    (void)data;
    keep_one(bench);
    bench_write(bench, "originals/gray/a.jpg", "retouched");
    bench_pass(bench, 15 * DAY_US);
    bench_expect(bench, "originals/gray/a.jpg", "retouched");
}

/** The ledger says that its time is up, and the file has come there just now. */
static void test_keep_by_the_file(struct bench *bench, gconstpointer data) {
    (void)data;
    keep_one(bench);
    g_autoptr(GPtrArray) kept = dm_ledger_expired_originals(bench->ledger, INT64_MAX, 10);
    dm_ledger_keep_original(bench->ledger, kept->pdata[0], 1);
    bench_pass(bench, 2 * HOUR_US);
    g_assert_true(bench_has(bench, "originals/gray/a.jpg"));
    bench_pass(bench, 15 * DAY_US);
    g_assert_false(bench_has(bench, "originals/gray/a.jpg"));
}

/** A board without a clock finds out what year it is: nothing is deleted for a day, not even when
 * the daemon is started again meanwhile. */
static void test_keep_clock_jumps(struct bench *bench, gconstpointer data) {
    (void)data;
    keep_one(bench);
    bench->utc_ahead_us += 10000 * DAY_US;
    bench_pass(bench, HOUR_US);
    bench_expect_log("the clock of this machine has jumped, no original will be deleted for 24 h");
    bench_pass(bench, HOUR_US);
    bench_restart(bench);
    bench_pass(bench, HOUR_US);
    bench_pass(bench, 20 * HOUR_US);
    g_assert_true(bench_has(bench, "originals/gray/a.jpg"));
    bench_expect_log(""); // said once
    bench_pass(bench, 3 * HOUR_US);
    g_assert_false(bench_has(bench, "originals/gray/a.jpg"));
}

/** The same between two runs of the daemon. */
static void test_keep_clock_jumps_meanwhile(struct bench *bench, gconstpointer data) {
    (void)data;
    keep_one(bench);
    bench_pass(bench, HOUR_US);
    bench_stop(bench);
    bench->utc_ahead_us += 10000 * DAY_US;
    bench_start(bench);
    bench_run(bench);
    bench_pass(bench, 20 * HOUR_US);
    g_assert_true(bench_has(bench, "originals/gray/a.jpg"));
    bench_pass(bench, 5 * HOUR_US);
    g_assert_false(bench_has(bench, "originals/gray/a.jpg"));
}

static void test_keep_for_ever(struct bench *bench, gconstpointer data) {
    (void)data;
    bench->config.settings.keep_us = DM_KEEP_FOREVER;
    bench_restart(bench);
    bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_pass(bench, 10000 * DAY_US);
    bench_expect(bench, "originals/gray/a.jpg", "original");
}

static void test_keep_nothing(struct bench *bench, gconstpointer data) {
    (void)data;
    bench->config.settings.keep_us = 0;
    bench_restart(bench);
    int64_t id = bench_computed(bench, "gray/Holiday/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.jpg"));
    g_assert_false(bench_has(bench, "originals/gray"));
    g_assert_true(bench_has(bench, "originals"));
    int64_t changed = bench_published(bench, "gray/b.jpg");
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

static void test_failed(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/Holiday/a.jpg", "broken");
    bench_run(bench);
    bench_expect_retired(bench, id);
    bench_expect(bench, "failed/gray/Holiday/a.jpg", "broken");
    g_assert_false(bench_has(bench, "inbox/gray/Holiday/a.jpg"));
    g_autofree char *note = bench_read(bench, "failed/gray/Holiday/a.jpg.txt");
    g_assert_nonnull(strstr(note, dm_reason_what(DM_REASON_TRUNCATED)));
    g_assert_nonnull(strstr(note, dm_reason_advice(DM_REASON_TRUNCATED)));
    g_assert_nonnull(strstr(note, "jpeg: premature end of data"));
    g_assert_nonnull(strstr(note, "gray/Holiday"));
    struct dm_row *row = bench_row_of(bench, id);
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
    struct dm_row *row = bench_row_of(bench, id);
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
    bench_expect_retired(bench, id);
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
        struct dm_row *row = bench_row_of(bench, id);
        g_autofree char *path = bench_path(bench, "inbox/gray/a.jpg");
        dm_fingerprint_at(AT_FDCWD, path, &row->fingerprint, NULL);
        row->retired = false;
        dm_ledger_save(bench->ledger, row);
        dm_row_free(row);
        if (moved) {
            bench_rename(bench, "inbox/gray/a.jpg", "failed/gray/a.jpg");
        }
        bench_restart(bench);
        bench_expect_retired(bench, id);
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

/** In failed/ a file that ended too early is written to its end: it goes back, and its note goes.
 */
static void test_failed_and_finished(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "failed/gray/a.jpg", "somebody's");
    int64_t id = bench_failed(bench, "gray/a.jpg", "half");
    bench_failed(bench, "gray/b.jpg", "half"); // nobody finishes this one
    bench_run(bench);
    bench_expect(bench, "failed/gray/a (2).jpg", "half");
    bench_pass(bench, 30 * SECOND_US);
    bench_expect_state(bench, id, DM_STATE_FAILED);
    g_autofree char *path = bench_path(bench, "failed/gray/a (2).jpg");
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    g_assert_cmpint(write(fd, " and half", 9), ==, 9);
    close(fd);
    bench_pass(bench, 30 * SECOND_US);
    bench_expect(bench, "inbox/gray/a.jpg", "half and half");
    g_assert_false(bench_has(bench, "failed/gray/a (2).jpg.txt"));
    bench_expect(bench, "failed/gray/a.jpg", "somebody's");
    bench_expect(bench, "failed/gray/b.jpg", "half");
    g_assert_true(bench_has(bench, "failed/gray/b.jpg.txt"));
}

/** A new file of that name is in the inbox: that is the one that counts. */
static void test_failed_finished_too_late(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_failed(bench, "gray/a.jpg", "half");
    bench_run(bench);
    bench_write(bench, "inbox/gray/a.jpg", "another");
    bench_write(bench, "failed/gray/a.jpg", "half and half");
    bench_pass(bench, 30 * SECOND_US);
    bench_expect(bench, "inbox/gray/a.jpg", "another");
    bench_expect(bench, "failed/gray/a.jpg", "half and half");
}

/** A file that somebody has open is not moved: its writer would finish it elsewhere. Where files
 * are always open, it is. */
static void test_failed_and_open(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_failed(bench, "gray/a.jpg", "half");
    g_autofree char *path = bench_path(bench, "inbox/gray/a.jpg");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_PARKED);
    bench_expect(bench, "inbox/gray/a.jpg", "half");
    g_assert_false(bench_has(bench, "failed/gray/a.jpg.txt"));
    bench_pass(bench, 40 * SECOND_US);
    bench_expect_state(bench, id, DM_STATE_PARKED);
    dm_ledger_set_number(bench->ledger, DM_NUMBER_OPEN "gray", 1);
    bench_pass(bench, 40 * SECOND_US);
    bench_expect_state(bench, id, DM_STATE_FAILED);
    bench_expect(bench, "failed/gray/a.jpg", "half");
    close(fd);
}

/** Halves of a copy failed, and then the whole is done: the notes go, what was kept of it is kept
 * like any original, and nobody else's failure is touched. */
static void test_done_after_failures(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_failed(bench, "gray/a (3).jpg", "another's");
    bench_failed(bench, "gray/a.jpg", "half");
    bench_run(bench);
    bench_failed(bench, "gray/a.jpg", "two thirds");
    bench_run(bench);
    g_assert_true(bench_has(bench, "failed/gray/a.jpg.txt"));
    g_assert_true(bench_has(bench, "failed/gray/a (2).jpg.txt"));
    bench_write(bench, "failed/gray/b.jpg.txt", "somebody's own");
    int64_t id = bench_computed(bench, "gray/a.jpg", "whole", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "originals/gray/a.jpg", "whole");
    bench_expect(bench, "originals/gray/a (2).jpg", "half");
    bench_expect(bench, "originals/gray/a (2) (2).jpg", "two thirds");
    static const char *const gone[] = {"a.jpg", "a.jpg.txt", "a (2).jpg", "a (2).jpg.txt"};
    for (size_t i = 0; i < G_N_ELEMENTS(gone); i++) {
        g_autofree char *path = g_strconcat("failed/gray/", gone[i], NULL);
        g_assert_false(bench_has(bench, path));
    }
    bench_expect(bench, "failed/gray/a (3).jpg", "another's");
    g_assert_true(bench_has(bench, "failed/gray/a (3).jpg.txt"));
    bench_expect(bench, "failed/gray/b.jpg.txt", "somebody's own");
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
    bench_expect_no_temporaries(bench, "failed/gray");
}

/** Somebody lays a pipe under the name of a note in the making: it is not waited for, and stays. */
static void test_failed_beside_a_pipe(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "failed/gray/user.txt", "a user's");
    g_autofree char *pipe = bench_path(bench, "failed/gray/.dropmill-note.tmp");
    g_assert_cmpint(mkfifo(pipe, 0666), ==, 0);
    int64_t id = bench_failed(bench, "gray/a.jpg", "broken");
    bench_pass(bench, HOUR_US);
    bench_expect_retired(bench, id);
    g_assert_true(bench_has(bench, "failed/gray/a.jpg.txt"));
    bench_remove(bench, "failed/gray/.dropmill-note.tmp");
    bench_expect_no_temporaries(bench, "failed/gray");
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
        bench_expect_retired(bench, id);
    }
    g_autofree char *failed = bench_path(bench, "failed/gray");
    g_autoptr(GDir) dir = g_dir_open(failed, 0, NULL);
    int files = 0;
    while (g_dir_read_name(dir) != NULL) {
        files++;
    }
    g_assert_cmpint(files, ==, 2 * (int)G_N_ELEMENTS(names));
}

/** s3.required: what the ledger says holds the original; the outbox knows no mirror. */
static void test_mirror_required(struct bench *bench, gconstpointer data) {
    (void)data;
    dm_ledger_mirror(bench->ledger, true, true);
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_pass(bench, HOUR_US);
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    g_assert_true(bench_has(bench, "outbox/gray/a.jpg"));
    g_assert_true(bench_has(bench, "inbox/gray/a.jpg"));
    struct dm_upload *upload = dm_ledger_find_upload(bench->ledger, "gray/a.jpg");
    upload->state = DM_UPLOAD_SYNCED;
    g_assert_true(dm_ledger_save_upload(bench->ledger, upload));
    dm_upload_free(upload);
    bench_commit(bench);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_DONE);
    g_assert_false(bench_has(bench, "inbox/gray/a.jpg"));
    g_assert_true(bench_has(bench, "originals/gray/a.jpg"));
}

int main(int argc, char **argv) {
    static const struct bench_test tests[] = {
        {"retire/original_changed", test_original_changed},
        {"retire/original_taken", test_original_taken},
        {"retire/stays", test_original_stays},
        {"retire/group_by_time", test_group_by_time},
        {"retire/group_by_count", test_group_by_count},
        {"retire/keep_ends", test_keep_ends},
        {"retire/keep_for_ever", test_keep_for_ever},
        {"retire/keep_of_somebody", test_keep_of_somebody},
        {"retire/keep_changed", test_keep_changed},
        {"retire/keep_by_the_file", test_keep_by_the_file},
        {"retire/keep_clock_jumps", test_keep_clock_jumps},
        {"retire/keep_clock_jumps_meanwhile", test_keep_clock_jumps_meanwhile},
        {"retire/keep_nothing", test_keep_nothing},
        {"retire/many_expire", test_many_expire},
        {"retire/mirror_required", test_mirror_required},
        {"failed/failed", test_failed},
        {"failed/never_overwrites", test_failed_never_overwrites},
        {"failed/changed", test_failed_and_changed},
        {"failed/taken", test_failed_and_taken},
        {"failed/killed", test_failed_and_killed},
        {"failed/finished", test_failed_and_finished},
        {"failed/finished_too_late", test_failed_finished_too_late},
        {"failed/open", test_failed_and_open},
        {"failed/retried", test_retried},
        {"failed/done_after_failures", test_done_after_failures},
        {"failed/notes_are_swept", test_notes_are_swept},
        {"failed/beside_a_pipe", test_failed_beside_a_pipe},
        {"failed/hostile_names", test_failed_hostile_names},
    };
    return bench_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
