// SPDX-License-Identifier: MIT
//
// The ledger: that what is written is read back, that a transaction that was not committed never
// was, listings, counts, claims. The grid: test_ledger_grid.c; migrations: test_ledger_schema.c;
// how listings are made: test_ledger_plans.c; what is handed out next: test_ledger_work.c.
#include "watcher/ledger/expiry.h"
#include "watcher/ledger/ledger.h"

#include "common/fsutil.h"

#include "common/error.h"
#include "tests/unit/watcher/support/row_facts.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct dm_fingerprint print = {
    .dev = 1, .ino = 2, .btime_ns = 3, .size_bytes = 4, .mtime_ns = 5, .ctime_ns = 6};

static void test_round_trip(void) {
    static const char path[] = "blur-5/\xff \"'\n.jpg";
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *row = dm_ledger_insert(ledger, path, "gray", &print);
    g_assert_cmpint(row->id, >, 0);
    row->suspect = true;
    row->reason = DM_REASON_TRUNCATED;
    row->width_px = 123;
    g_assert_cmpstr(row->chain, ==, "gray");
    dm_row_set(&row->chain, "blur-5");
    dm_row_set(&row->temp, "blur-5/.dropmill-1-1.tmp");
    dm_row_set(&row->message, "what");
    dm_ledger_save(ledger, row);
    g_assert_true(dm_ledger_commit(ledger, NULL));

    struct dm_row *back = dm_ledger_find(ledger, path);
    g_assert_cmpint(back->id, ==, row->id);
    g_assert_cmpstr(back->path, ==, path);
    g_assert_cmpstr(back->chain, ==, "blur-5");
    g_assert_true(dm_fingerprint_equal(&back->fingerprint, &print));
    g_assert_true(back->suspect);
    g_assert_cmpint(back->reason, ==, DM_REASON_TRUNCATED);
    g_assert_cmpint(back->width_px, ==, 123);
    g_assert_cmpstr(back->temp, ==, row->temp);
    g_assert_cmpint(back->generation, ==, 1);
    dm_row_free(back);
    dm_row_free(row);
    g_assert_null(dm_ledger_find(ledger, "no such"));
    g_assert_null(dm_ledger_get(ledger, 99));
    dm_ledger_free(ledger);
}

static struct dm_row *drop(struct dm_ledger *ledger, const char *path) {
    return dm_ledger_insert(ledger, path, "gray", &print);
}

static void test_life(void) {
    static const enum dm_fact life[] = {DM_FACT_SETTLED,    DM_FACT_DISPATCHED, DM_FACT_LOST,
                                        DM_FACT_DISPATCHED, DM_FACT_BLOCKED,    DM_FACT_RESUMED,
                                        DM_FACT_DISPATCHED, DM_FACT_COMPUTED,   DM_FACT_BLOCKED,
                                        DM_FACT_RESUMED,    DM_FACT_PUBLISHED,  DM_FACT_RETIRED};
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *row = drop(ledger, "gray/a.jpg");
    for (size_t i = 0; i < G_N_ELEMENTS(life); i++) {
        row_move(ledger, row, life[i]);
    }
    g_assert_cmpint(row->state, ==, DM_STATE_DONE);
    g_assert_cmpint(row->attempt, ==, 3);
    g_assert_true(row->retired);
    row->crashes = 2;
    dm_ledger_move(ledger, row, DM_FACT_DROPPED);
    g_assert_cmpint(row->generation, ==, 2);
    g_assert_cmpint(row->attempt, ==, 0);
    g_assert_cmpint(row->crashes, ==, 0);
    g_assert_false(row->retired);
    g_autoptr(GPtrArray) history = dm_ledger_history(ledger, "gray/a.jpg", 100);
    g_assert_cmpuint(history->len, ==, G_N_ELEMENTS(life) + 1);
    const struct dm_history *newest = g_ptr_array_index(history, 0);
    g_assert_cmpstr(newest->fact, ==, "dropped");
    dm_ledger_move(ledger, row, DM_FACT_GONE);
    dm_row_free(row);
    g_assert_null(dm_ledger_find(ledger, "gray/a.jpg"));
    dm_ledger_free(ledger);
}

static int64_t tick(void *data) {
    return ++*(int64_t *)data;
}

static void test_clock(void) {
    int64_t now_utc_us = 0;
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    dm_ledger_set_clock(ledger, tick, &now_utc_us);
    struct dm_row *row = drop(ledger, "gray/a.jpg");
    g_assert_cmpint(row->seen_utc_us, ==, 1);
    dm_ledger_move(ledger, row, DM_FACT_SETTLED);
    g_assert_cmpint(row->seen_utc_us, ==, 1);
    g_assert_cmpint(row->state_utc_us, ==, 2);
    dm_ledger_move(ledger, row, DM_FACT_GONE);
    g_autoptr(GPtrArray) history = dm_ledger_history(ledger, NULL, 10);
    const struct dm_history *gone = g_ptr_array_index(history, 0);
    const struct dm_history *settled = g_ptr_array_index(history, 1);
    g_assert_cmpint(gone->utc_us, ==, 3);
    g_assert_cmpint(settled->utc_us, ==, 2);
    dm_row_free(row);
    dm_ledger_free(ledger);
}

static guint count(struct dm_ledger *ledger, struct dm_query query) {
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
    return rows->len;
}

static void test_queries(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *a = drop(ledger, "gray/a.jpg");
    struct dm_row *b = drop(ledger, "gray/sub/b.jpg");
    struct dm_row *c = drop(ledger, "gray0/c.jpg");
    dm_ledger_move(ledger, a, DM_FACT_SETTLED);
    b->suspect = true;
    b->not_before_utc_us = 50;
    dm_row_set(&b->temp, "t");
    dm_ledger_save(ledger, b);
    g_assert_cmpuint(count(ledger, (struct dm_query){0}), ==, 3);
    g_assert_cmpuint(count(ledger, (struct dm_query){.limit = 2}), ==, 2);
    g_assert_cmpuint(count(ledger, (struct dm_query){.after_id = a->id}), ==, 2);
    g_assert_cmpuint(count(ledger, (struct dm_query){.states = 1u << DM_STATE_READY}), ==, 1);
    g_assert_cmpuint(
        count(ledger, (struct dm_query){.states = 1u << DM_STATE_READY | 1u << DM_STATE_SEEN}), ==,
        3);
    g_assert_cmpuint(count(ledger, (struct dm_query){.under = "gray"}), ==, 2);
    g_assert_cmpuint(count(ledger, (struct dm_query){.under = "gray/sub"}), ==, 1);
    g_assert_cmpuint(count(ledger, (struct dm_query){.suspects = true}), ==, 1);
    g_assert_cmpuint(count(ledger, (struct dm_query){.has_temp = true}), ==, 1);
    g_assert_cmpuint(count(ledger, (struct dm_query){.no_temp = true}), ==, 2);
    g_assert_cmpuint(count(ledger, (struct dm_query){.due_utc_us = 49}), ==, 2);
    g_assert_cmpuint(count(ledger, (struct dm_query){.due_utc_us = 50}), ==, 3);
    g_assert_cmpuint(count(ledger, (struct dm_query){.not_retired = true}), ==, 3);
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(ledger, counts);
    g_assert_cmpint(counts[DM_STATE_SEEN], ==, 2);
    g_assert_cmpint(counts[DM_STATE_READY], ==, 1);
    dm_row_free(a);
    dm_row_free(b);
    dm_row_free(c);
    dm_ledger_free(ledger);
}

/** The counts that the ledger keeps are those that another reads from its file. */
static void expect_counts(struct dm_ledger *ledger, const char *path) {
    g_assert_true(dm_ledger_commit(ledger, NULL));
    struct dm_ledger *reader = dm_ledger_open(path, true, NULL);
    int64_t kept[DM_STATE_COUNT], read[DM_STATE_COUNT];
    dm_ledger_count(ledger, kept);
    dm_ledger_count(reader, read);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_assert_cmpint(kept[state], ==, read[state]);
        g_assert_cmpint(dm_ledger_has(ledger, 1u << state), ==, read[state] > 0);
    }
    dm_ledger_free(reader);
}

static char *new_path(void) {
    g_autofree char *dir = g_dir_make_tmp("dropmill-XXXXXX", NULL);
    return g_build_filename(dir, "ledger.db", NULL);
}

static void remove_ledger(const char *path) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
        g_remove(file);
    }
    g_autofree char *dir = g_path_get_dirname(path);
    g_rmdir(dir);
}

static void test_only_commits_last(void) {
    g_autofree char *path = new_path();
    struct dm_ledger *ledger = dm_ledger_open(path, false, NULL);
    dm_row_free(drop(ledger, "gray/a.jpg"));
    g_assert_true(dm_ledger_commit(ledger, NULL));
    dm_row_free(drop(ledger, "gray/b.jpg"));
    struct dm_ledger *reader = dm_ledger_open(path, true, NULL);
    g_assert_cmpuint(count(reader, (struct dm_query){0}), ==, 1);
    dm_ledger_free(ledger); // as a crash: no commit
    g_assert_cmpuint(count(reader, (struct dm_query){0}), ==, 1);
    dm_ledger_free(reader);
    remove_ledger(path);
}

static void test_counts(void) {
    g_autofree char *path = new_path();
    struct dm_ledger *ledger = dm_ledger_open(path, false, NULL);
    g_assert_false(dm_ledger_has(ledger, 1u << DM_STATE_SEEN));
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        dm_row_free(row_in_state(ledger, (enum dm_state)state));
    }
    expect_counts(ledger, path);
    struct dm_row *row = dm_ledger_find(ledger, "gray/ready.jpg");
    dm_ledger_move(ledger, row, DM_FACT_GONE);
    dm_row_free(row);
    dm_ledger_expire(ledger, INT64_MAX, true, 100);
    expect_counts(ledger, path);
    g_assert_false(dm_ledger_has(ledger, 1u << DM_STATE_READY | 1u << DM_STATE_DONE));
    dm_ledger_free(ledger);
    remove_ledger(path);
}

static void test_stale_row(void) {
    static const enum dm_fact late[] = {DM_FACT_GONE, DM_FACT_SETTLED};
    for (size_t i = 0; i < G_N_ELEMENTS(late); i++) {
        struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
        struct dm_row *stale = drop(ledger, "gray/a.jpg");
        g_assert_true(dm_ledger_commit(ledger, NULL));
        DM_AUTO_ROW struct dm_row *row = dm_ledger_get(ledger, stale->id);
        row_move(ledger, row, DM_FACT_SETTLED);
        dm_ledger_move(ledger, stale, late[i]);
        g_autoptr(GError) error = NULL;
        g_assert_false(dm_ledger_commit(ledger, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
        g_assert_nonnull(strstr(error->message, "cannot move 'gray/a.jpg'"));
        g_assert_true(dm_ledger_has(ledger, 1u << DM_STATE_SEEN)); // as it was before
        dm_row_free(stale);
        dm_ledger_free(ledger);
    }
}

static void test_stats(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_ledger_stats before, after;
    dm_ledger_stats(ledger, &before);
    dm_row_free(drop(ledger, "gray/a.jpg"));
    g_assert_true(dm_ledger_commit(ledger, NULL));
    g_assert_true(dm_ledger_commit(ledger, NULL)); // of nothing
    dm_ledger_stats(ledger, &after);
    g_assert_cmpuint(after.steps - before.steps, ==, 3); // begin, insert, commit
    g_assert_cmpuint(after.transactions - before.transactions, ==, 1);
    g_assert_cmpuint(after.rows_written - before.rows_written, ==, 1);

    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(ledger, "gray/a.jpg");
    dm_ledger_stats(ledger, &before);
    row_move(ledger, row, DM_FACT_SETTLED);
    dm_ledger_stats(ledger, &after);
    g_assert_cmpuint(after.steps - before.steps, ==, 3); // begin, a line of history, the row
    g_assert_cmpuint(after.rows_written - before.rows_written, ==, 2);
    g_assert_true(dm_ledger_commit(ledger, NULL));
    dm_ledger_free(ledger);
}

static void test_failure_sticks(void) {
    g_autofree char *path = new_path();
    dm_ledger_free(dm_ledger_open(path, false, NULL));
    struct dm_ledger *reader = dm_ledger_open(path, true, NULL);
    dm_row_free(drop(reader, "gray/a.jpg")); // a read-only ledger cannot write
    dm_row_free(drop(reader, "gray/b.jpg"));
    GError *error = NULL;
    g_assert_false(dm_ledger_commit(reader, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_nonnull(strstr(error->message, path));
    g_clear_error(&error);
    g_assert_true(dm_ledger_commit(reader, &error)); // reported once
    dm_ledger_free(reader);
    remove_ledger(path);
}

static void test_cannot_open(void) {
    GError *error = NULL;
    g_assert_null(dm_ledger_open("/nowhere/ledger.db", false, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_nonnull(strstr(error->message, "/nowhere/ledger.db"));
    g_error_free(error);
}

static void expect_owner(struct dm_ledger *ledger, const char *owner, bool placed) {
    bool was_placed = false;
    g_autofree char *found = dm_ledger_output_owner(ledger, "webp/a.webp", &was_placed);
    g_assert_cmpstr(found, ==, owner);
    g_assert_cmpint(was_placed, ==, placed);
}

static void test_claims(void) {
    static const char name[] = "webp/a.webp", ours[] = "webp/a.jpg", others[] = "webp/a.png";
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    expect_owner(ledger, NULL, false);
    g_assert_cmpint(dm_ledger_claim_output(ledger, name, ours), ==, DM_CLAIM_NEW);
    g_assert_cmpint(dm_ledger_claim_output(ledger, name, ours), ==, DM_CLAIM_OURS);
    g_assert_cmpint(dm_ledger_claim_output(ledger, name, others), ==, DM_CLAIM_OTHERS);
    expect_owner(ledger, ours, false);
    dm_ledger_release_output(ledger, name); // somebody's file is there, say
    expect_owner(ledger, NULL, false);

    g_assert_cmpint(dm_ledger_claim_output(ledger, name, others), ==, DM_CLAIM_NEW);
    dm_ledger_output_placed(ledger, name);
    expect_owner(ledger, others, true);
    dm_ledger_release_output(ledger, name); // too late
    g_assert_cmpint(dm_ledger_claim_output(ledger, name, others), ==, DM_CLAIM_PLACED);
    g_assert_cmpint(dm_ledger_claim_output(ledger, name, ours), ==, DM_CLAIM_OTHERS);
    g_assert_true(dm_ledger_commit(ledger, NULL));
    dm_ledger_free(ledger);
}

/** Only what wrote something is a change: the daemon gives another turn for each. */
static void test_changes(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    uint64_t before = dm_ledger_changes(ledger);
    dm_row_free(dm_ledger_insert(ledger, "gray/a.jpg", "gray", &print));
    g_assert_cmpuint(dm_ledger_changes(ledger), >, before);
    before = dm_ledger_changes(ledger);
    dm_ledger_expire(ledger, 0, true, 100);
    dm_ledger_clear_folder_problem(ledger, "gray");
    dm_row_free(dm_ledger_find(ledger, "gray/a.jpg"));
    g_assert_true(dm_ledger_commit(ledger, NULL));
    g_assert_cmpuint(dm_ledger_changes(ledger), ==, before);
    dm_ledger_free(ledger);
}

/** Every write of a row counts for the state that it is then in, also when it stays there. */
static void test_written(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *row = dm_ledger_insert(ledger, "gray/a.jpg", "gray", &print);
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_SEEN), ==, 1);
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_READY), ==, 0);
    dm_ledger_move(ledger, row, DM_FACT_SETTLED);
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_READY), ==, 1);
    dm_row_set(&row->temp, "gray/.dropmill-1-1.tmp");
    dm_ledger_save(ledger, row);
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_READY), ==, 2);
    g_assert_cmpuint(dm_ledger_written(ledger, DM_STATE_SEEN), ==, 1);
    dm_row_free(row);
    dm_ledger_free(ledger);
}

/** One process a ledger; and one that was taken away is noticed. */
static void test_lock_and_look(void) {
    g_autofree char *dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
    g_autofree char *away = g_build_filename(dir, "away.db", NULL);
    g_autoptr(GError) error = NULL;
    struct dm_ledger *ledger = dm_ledger_open(path, false, NULL);
    g_assert_nonnull(ledger);
    g_assert_null(dm_ledger_open(path, false, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_TRANSIENT);
    g_clear_error(&error);
    struct dm_ledger *reader = dm_ledger_open(path, true, NULL);
    g_assert_nonnull(reader);
    dm_ledger_free(reader);
    dm_ledger_look(ledger);
    g_assert_true(dm_ledger_commit(ledger, NULL));

    g_assert_cmpint(g_rename(path, away), ==, 0);
    for (int i = 0; i < 2; i++) { // deleted, then replaced
        dm_ledger_look(ledger);
        g_assert_false(dm_ledger_commit(ledger, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
        g_assert_nonnull(strstr(error->message, "deleted or replaced"));
        g_clear_error(&error);
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
    }
    dm_ledger_free(ledger);
    dm_remove_tree(dir);
}

static void test_share(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_mark marker = {0};
    g_autofree char *path = NULL;
    g_assert_false(dm_ledger_share(ledger, &marker, &path));
    for (uint64_t i = 1; i < 3; i++) {
        const struct dm_mark set = {UINT64_MAX, i, -1};
        dm_ledger_set_share(ledger, &set, "/srv/\xff");
        g_clear_pointer(&path, g_free);
        g_assert_true(dm_ledger_share(ledger, &marker, &path));
        g_assert_true(dm_mark_fits(&set, &marker));
        g_assert_cmpstr(path, ==, "/srv/\xff");
    }
    dm_ledger_free(ledger);
}

static void test_originals_and_others(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    const struct dm_fingerprint put = {
        .ino = UINT64_MAX, .btime_ns = 2, .size_bytes = 3, .mtime_ns = 4};
    const struct dm_kept old = {(char *)"gray/old.jpg", put}, new = {(char *)"gray/new.jpg", put};
    dm_ledger_keep_original(ledger, &old, 10);
    dm_ledger_keep_original(ledger, &new, 1000);
    g_autoptr(GPtrArray) expired = dm_ledger_expired_originals(ledger, 10, 5);
    g_assert_cmpuint(expired->len, ==, 1);
    const struct dm_kept *kept = g_ptr_array_index(expired, 0);
    g_assert_cmpstr(kept->path, ==, "gray/old.jpg");
    g_assert_true(dm_fingerprint_equal(&kept->put, &put));
    dm_ledger_forget_original(ledger, "gray/old.jpg");
    g_autoptr(GPtrArray) none = dm_ledger_expired_originals(ledger, 10, 5);
    g_assert_cmpuint(none->len, ==, 0);

    g_assert_cmpint(dm_ledger_next_job(ledger), ==, 1);
    g_assert_cmpint(dm_ledger_next_job(ledger), ==, 2);
    g_assert_cmpint(dm_ledger_number(ledger, "a room's"), ==, 0);
    dm_ledger_set_number(ledger, "a room's", INT64_MIN);
    g_assert_cmpint(dm_ledger_number(ledger, "a room's"), ==, INT64_MIN);

    dm_ledger_set_folder_problem(ledger, "rotat-90", "no such operation", "rotate-90");
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(ledger);
    g_assert_cmpuint(problems->len, ==, 1);
    const struct dm_folder_problem *problem = g_ptr_array_index(problems, 0);
    g_assert_cmpstr(problem->suggestion, ==, "rotate-90");
    dm_ledger_clear_folder_problem(ledger, "rotat-90");
    g_autoptr(GPtrArray) cleared = dm_ledger_folder_problems(ledger);
    g_assert_cmpuint(cleared->len, ==, 0);
    dm_ledger_free(ledger);
}

static void test_expire(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *row = drop(ledger, "gray/a.jpg");
    static const enum dm_fact life[] = {DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                                        DM_FACT_PUBLISHED, DM_FACT_RETIRED};
    for (size_t i = 0; i < G_N_ELEMENTS(life); i++) {
        row_move(ledger, row, life[i]);
    }
    dm_ledger_expire(ledger, row->state_utc_us - 1000000, true, 100);
    g_assert_cmpuint(count(ledger, (struct dm_query){0}), ==, 1);
    dm_ledger_expire(ledger, row->state_utc_us + 1000000, true, 100);
    g_assert_cmpuint(count(ledger, (struct dm_query){0}), ==, 0);
    g_autoptr(GPtrArray) history = dm_ledger_history(ledger, NULL, 10);
    g_assert_cmpuint(history->len, ==, 0);
    dm_row_free(row);
    dm_ledger_free(ledger);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/round-trip", test_round_trip);
    g_test_add_func("/ledger/life", test_life);
    g_test_add_func("/ledger/clock", test_clock);
    g_test_add_func("/ledger/queries", test_queries);
    g_test_add_func("/ledger/only-commits-last", test_only_commits_last);
    g_test_add_func("/ledger/counts", test_counts);
    g_test_add_func("/ledger/stale-row", test_stale_row);
    g_test_add_func("/ledger/stats", test_stats);
    g_test_add_func("/ledger/failure-sticks", test_failure_sticks);
    g_test_add_func("/ledger/cannot-open", test_cannot_open);
    g_test_add_func("/ledger/claims", test_claims);
    g_test_add_func("/ledger/changes", test_changes);
    g_test_add_func("/ledger/written", test_written);
    g_test_add_func("/ledger/originals-and-others", test_originals_and_others);
    g_test_add_func("/ledger/lock-and-look", test_lock_and_look);
    g_test_add_func("/ledger/share", test_share);
    g_test_add_func("/ledger/expire", test_expire);
    return g_test_run();
}
