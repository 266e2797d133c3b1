// SPDX-License-Identifier: MIT
//
// The outbox as a room: the world refuses. Read-only and full file systems are mounts of our own.
#include "tests/unit/watcher/support/outbox_bench.h"

static void expect_parked(struct bench *bench, int64_t id, const char *why) {
    struct dm_row *row = bench_row_of(bench, id);
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
    g_assert_cmpint(bench->next_us, <=,
                    bench->now_us + bench->config.settings.retry_us + SECOND_US);
    bench_pass(bench, bench->config.settings.retry_us / 2);
    expect_parked(bench, id, "Read-only");
    bench_remount(bench, "outbox", false);
    bench_pass(bench, bench->config.settings.retry_us / 2 + SECOND_US);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect(bench, "outbox/gray/a.jpg", "result");
    struct dm_row *row = bench_row_of(bench, id);
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
    bench_pass(bench, bench->config.settings.retry_us + SECOND_US);
    expect_parked(bench, id, "Read-only"); // nobody moves a mountain each minute
    bench_pass(bench, 3600 * SECOND_US);
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
    bench_remount_with(bench, "failed", "nr_inodes=100");
    bench_pass(bench, bench->config.settings.retry_us + SECOND_US);
    bench_expect_retired(bench, id);
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

/** A temporary that cannot be removed holds its row back and is not tried in a circle. */
static void test_stuck_temporary(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    bench_mount(bench, "outbox", "size=1m");
    int64_t id = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, id);
    struct dm_row *row = bench_row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "half");
    dm_ledger_move(bench->ledger, row, DM_FACT_LOST);
    dm_row_free(row);
    bench_remount(bench, "outbox", true);
    bench_run(bench);
    bench_expect_log("*cannot remove the temporary*Read-only*");
    g_assert_true(bench_has(bench, temp));
    bench_remount(bench, "outbox", false);
    bench_pass(bench, bench->config.settings.retry_us);
    g_assert_false(bench_has(bench, temp));
    row = bench_row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
    bench_unmount(bench, "outbox");
}

/** A share that is not there: nothing is concluded from what cannot be seen, and nothing is
 * deleted. */
static void test_share_goes_away(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
    int64_t computed = bench_computed(bench, "gray/b.jpg", "original", "jpeg", "result");
    int64_t broken = bench_failed(bench, "gray/c.jpg", "broken");
    g_autofree char *away = g_strconcat(bench->path, ".away", NULL);
    g_assert_cmpint(g_rename(bench->path, away), ==, 0);
    g_assert_cmpint(g_mkdir(bench->path, 0755), ==, 0); // an empty mount point
    bench_run(bench);
    for (int i = 0; i < 10; i++) {
        bench_pass(bench, 40 * SECOND_US);
    }
    bench_expect_log("*is offline*will retry*");
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
    bench_expect_state(bench, computed, DM_STATE_COMPUTED);
    bench_expect_state(bench, broken, DM_STATE_FAILED);
    g_assert_cmpint(bench->next_us, <=, bench->now_us + 30 * SECOND_US);
    g_assert_cmpint(bench->next_us, >,
                    bench->now_us + 20 * SECOND_US); // it has grown
    g_assert_cmpint(rmdir(bench->path), ==, 0);
    g_assert_cmpint(g_rename(away, bench->path), ==, 0);
    bench_pass(bench, 30 * SECOND_US);
    bench_pass(bench, SECOND_US);
    bench_expect_log("*is back*");
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_expect_state(bench, computed, DM_STATE_DONE);
    bench_expect_retired(bench, broken);
}

/** The line of a file tells all that people ask first: why, and of what. */
static void test_lines_of_files(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t broken = bench_failed(bench, "gray/c.jpg", "broken");
    bench_run(bench);
    bench_expect_retired(bench, broken);
    g_assert_cmpstr(bench_file_log(), ==,
                    "moved to failed 'gray/c.jpg': truncated: jpeg: premature end of data");
    int64_t same = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, same, DM_STATE_DONE);
    g_assert_cmpstr(bench_file_log(), ==, "published 'gray/a.jpg'");
    int64_t other = bench_computed(bench, "gray/b.png", "original", "jpeg", "result");
    bench_run(bench);
    bench_expect_state(bench, other, DM_STATE_DONE);
    g_assert_cmpstr(bench_file_log(), ==, "published 'gray/b.jpg' from 'gray/b.png'");
}

static void test_another_share_in_its_place(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench_write(bench, DM_ROOT_ID, "another\n");
    bench_pass(bench, HOUR_US);
    bench_expect_log("*that of another share*");
    bench_expect_state(bench, id, DM_STATE_PUBLISHED);
}

int main(int argc, char **argv) {
    static const struct bench_test tests[] = {
        {"refused/read_only_outbox", test_read_only_outbox},
        {"refused/read_only_originals", test_read_only_originals},
        {"refused/full_failed", test_full_failed},
        {"refused/note_is_taken_back", test_note_is_taken_back},
        {"refused/stuck_temporary", test_stuck_temporary},
        {"refused/share_goes_away", test_share_goes_away},
        {"refused/lines_of_files", test_lines_of_files},
        {"refused/another_share_in_its_place", test_another_share_in_its_place},
    };
    return bench_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
