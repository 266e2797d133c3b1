// SPDX-License-Identifier: MIT
//
// The outbox as a room: what a kill -9, a power cut or a lost task left behind. The moments are set
// up by hand here; test_outbox_kill.c takes random ones.
#include "tests/unit/watcher/support/outbox_bench.h"

// ---- after a kill -9 or a power cut

/** Killed between the rename and the commit: the ledger still says COMPUTED. */
static void test_killed_after_rename(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_computed(bench, "gray/a.jpg", "original", "jpeg", "result");
    struct dm_row *row = bench_row_of(bench, id);
    dm_ledger_claim_output(bench->ledger, "gray/a.jpg", row->path);
    dm_row_set(&row->output, "gray/a.jpg");
    dm_ledger_save(bench->ledger, row);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_rename(bench, temp, "outbox/gray/a.jpg");
    dm_row_free(row);
    bench_restart(bench);
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
    } cases[] = {{NULL, 0}, {"a longer result", 0}, {"result", 10 * SECOND_US}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("gray/%zu.jpg", i);
        g_autofree char *output = dm_path_join("outbox", path);
        int64_t id = bench_computed(bench, path, "original", "jpeg", "result");
        struct dm_row *row = bench_row_of(bench, id);
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
        row = bench_row_of(bench, id);
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
    struct dm_row *row = bench_row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "");
    dm_row_free(row);
    bench_run(bench);
    bench_expect_state(bench, id, DM_STATE_READY);
    g_assert_false(bench_has(bench, "outbox/gray/a.jpg"));
    g_assert_false(bench_has(bench, temp));
}

static void test_result_gone_after_restart(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t gone = bench_published(bench, "gray/a.jpg");
    int64_t cut = bench_published(bench, "gray/b.jpg");
    bench_remove(bench, "outbox/gray/a.jpg");
    bench_write(bench, "outbox/gray/b.jpg", "res");
    bench_restart(bench);
    bench_pass(bench, 200000);
    bench_expect_state(bench, gone, DM_STATE_READY);
    bench_expect_state(bench, cut, DM_STATE_READY);
    g_assert_true(bench_has(bench, "inbox/gray/a.jpg"));
    g_assert_true(bench_has(bench, "inbox/gray/b.jpg"));
}

/** Whoever takes results away as soon as they appear does not get them again. */
static void test_result_taken_at_once(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench_remove(bench, "outbox/gray/a.jpg");
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
}

/** Killed between the move to originals/ and the commit: it is found there, and kept as long as
 * all. */
static void test_killed_after_retirement(struct bench *bench, gconstpointer data) {
    (void)data;
    bench_write(bench, "originals/gray/a.jpg", "an older one");
    int64_t id = bench_published(bench, "gray/a.jpg");
    bench_rename(bench, "inbox/gray/a.jpg", "originals/gray/a (2).jpg");
    bench_restart(bench);
    bench_pass(bench, 200000);
    bench_expect_state(bench, id, DM_STATE_DONE);
    bench_pass(bench, 15 * DAY_US);
    g_assert_false(bench_has(bench, "originals/gray/a (2).jpg"));
    bench_expect(bench, "originals/gray/a.jpg", "an older one"); // not ours
}

// ---- stale files

static void test_stale_of_lost_tasks(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, id);
    struct dm_row *row = bench_row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    bench_write(bench, temp, "half");
    dm_ledger_move(bench->ledger, row, DM_FACT_LOST);
    dm_row_free(row);
    bench_run(bench);
    g_assert_false(bench_has(bench, temp));
    row = bench_row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    g_assert_cmpstr(dm_state_name(row->state), ==, "ready");
    dm_row_free(row);
}

/** What somebody laid under the name of a lost task's temporary stays, and nobody waits for it. */
static void test_stale_of_others(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t id = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, id);
    struct dm_row *row = bench_row_of(bench, id);
    g_autofree char *temp = dm_path_join("outbox", row->temp);
    g_autofree char *inside = dm_path_join(temp, "picture.jpg");
    bench_write(bench, inside, "somebody's");
    dm_ledger_move(bench->ledger, row, DM_FACT_LOST);
    bench_commit(bench);
    dm_row_free(row);
    bench_run(bench);
    row = bench_row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, ""); // the engine may go on, under another name
    dm_row_free(row);
    bench_expect(bench, inside, "somebody's");
    bench_pass(bench, HOUR_US);
    bench_expect(bench, inside, "somebody's");
    row = bench_row_of(bench, id);
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
}

static void test_strays_are_swept(struct bench *bench, gconstpointer data) {
    (void)data;
    int64_t running = bench_drop(bench, "gray/a.jpg", "original");
    bench_dispatch_row(bench, running);
    struct dm_row *row = bench_row_of(bench, running);
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
    row = bench_row_of(bench, ready);
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
        struct dm_row *row = bench_row_of(bench, ready);
        bool marked = strcmp(row->temp, stray) == 0;
        dm_row_free(row);
        if (marked) {
            g_assert_true(bench_has(bench, path) || dm_share_load(bench->share) > 0);
            bench_run(bench);
            g_assert_false(bench_has(bench, path));
            return;
        }
        bench_dispatch(bench);
    }
    g_assert_not_reached();
}

int main(int argc, char **argv) {
    static const struct bench_test tests[] = {
        {"crash/killed_after_rename", test_killed_after_rename},
        {"crash/lost_temporary", test_lost_temporary},
        {"crash/cut_temporary", test_cut_temporary},
        {"crash/result_gone_after_restart", test_result_gone_after_restart},
        {"crash/result_taken_at_once", test_result_taken_at_once},
        {"crash/killed_after_retirement", test_killed_after_retirement},
        {"stale/of_lost_tasks", test_stale_of_lost_tasks},
        {"stale/of_others", test_stale_of_others},
        {"stale/strays_are_swept", test_strays_are_swept},
        {"stale/stray_marks_its_row", test_stray_marks_its_row},
    };
    return bench_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
