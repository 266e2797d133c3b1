// SPDX-License-Identifier: MIT
//
// The board beside a ledger that is really written to and a daemon that is played: what it counts,
// whom it tells of what, how seldom it asks, and what it shows when either is not there.
#include "watcher/page/board.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/row_facts.h"
#include "watcher/control.h"

#include <string.h>

struct stand {
    char *dir, *ledger_path, *control_path;
    struct dm_ledger *ledger;
    struct dm_control *control;
    struct dm_expected_store *expected;
    struct dm_board *board;
    // How often the daemon was asked.
    int asked;
    // Why it starts nothing, as it says.
    const char *held;
    // What was told: "drop gray/Day 1; ".
    GString *told;
};

static char *answer(const struct dm_asked *asked, void *data, GError **error) {
    (void)error;
    ((struct stand *)data)->asked++;
    g_assert_cmpstr(asked->text, ==, "status");
    return g_strdup_printf("version\t9.9\nshare.online\t1\nwork.held\t%s\n",
                           ((struct stand *)data)->held);
}

static void on_change(const char *kind, const char *drop, void *data) {
    struct stand *stand = data;
    g_string_append_printf(stand->told, "%s %s; ", kind, drop != NULL ? drop : "-");
}

static void start_daemon(struct stand *stand) {
    stand->control = dm_control_new(stand->control_path, (gid_t)-1, answer, stand, NULL);
    g_assert_nonnull(stand->control);
}

static struct stand *stand_new(void) {
    struct stand *stand = g_new0(struct stand, 1);
    stand->dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    stand->ledger_path = g_build_filename(stand->dir, "ledger.db", NULL);
    stand->control_path = g_build_filename(stand->dir, "control.sock", NULL);
    g_autofree char *state = g_build_filename(stand->dir, "page", NULL);
    stand->expected = dm_expected_open(state, NULL);
    stand->told = g_string_new(NULL);
    stand->held = "";
    const struct dm_board_config config = {
        .ledger = stand->ledger_path,
        .control = stand->control_path,
        .expected = stand->expected,
        .changed = on_change,
        .data = stand,
    };
    stand->board = dm_board_new(&config);
    return stand;
}

static void open_ledger(struct stand *stand) {
    stand->ledger = dm_ledger_open(stand->ledger_path, false, NULL);
    g_assert_nonnull(stand->ledger);
}

static void stand_free(struct stand *stand) {
    dm_board_free(stand->board);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    dm_control_free(stand->control);
    dm_ledger_free(stand->ledger);
    dm_expected_free(stand->expected);
    dm_remove_tree(stand->dir);
    g_string_free(stand->told, TRUE);
    g_free(stand->dir);
    g_free(stand->ledger_path);
    g_free(stand->control_path);
    g_free(stand);
}

static void on_fresh(void *data) {
    ++*(int *)data;
}

/** Look until @times visitors were answered. */
static void look(struct stand *stand, int times) {
    int answered = 0;
    for (int i = 0; i < times; i++) {
        dm_board_look(stand->board, on_fresh, &answered);
    }
    while (answered < times) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static gboolean on_time(void *data) {
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

/** Let the main loop run for longer than the board is fresh. */
static void grow_old(void) {
    bool is_over = false;
    g_timeout_add(300, on_time, &is_over);
    while (!is_over) {
        g_main_context_iteration(NULL, TRUE);
    }
}

/** @count rows of @drop in @state. */
static void add_rows(struct stand *stand, const char *drop, enum dm_state state, int count) {
    static int number;
    static const enum dm_fact way[] = {DM_FACT_SETTLED, DM_FACT_DISPATCHED, DM_FACT_COMPUTED,
                                       DM_FACT_PUBLISHED, DM_FACT_RETIRED};
    const struct dm_fingerprint print = {.ino = 2, .size_bytes = 4, .mtime_ns = 5};
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("%s/%d.jpg", drop, number++);
        struct dm_row *row = dm_ledger_insert(stand->ledger, path, "gray", &print);
        for (int step = 0; step < (int)state && step < 5; step++) {
            row_move(stand->ledger, row, way[step]);
        }
        g_assert_cmpint(row->state, ==, state);
        dm_row_free(row);
    }
    g_assert_true(dm_ledger_commit(stand->ledger, NULL));
}

static void test_nothing(void) {
    struct stand *stand = stand_new();
    look(stand, 1);
    g_assert_null(dm_board_status(stand->board));
    g_assert_null(dm_board_ledger(stand->board));
    g_assert_cmpstr(dm_board_silence(stand->board), !=, "");
    g_assert_cmpuint(dm_board_drops(stand->board)->len, ==, 0);
    g_assert_null(dm_board_drop(stand->board, "gray/Day 1"));
    g_assert_cmpint(dm_board_number(stand->board, "share.online"), ==, 0);
    stand_free(stand);
}

static void test_counts(void) {
    struct stand *stand = stand_new();
    open_ledger(stand);
    start_daemon(stand);
    add_rows(stand, "gray/Day 1", DM_STATE_DONE, 3);
    add_rows(stand, "gray/Day 1", DM_STATE_READY, 2);
    add_rows(stand, "gray", DM_STATE_RUNNING, 1);
    look(stand, 1);
    const GPtrArray *drops = dm_board_drops(stand->board);
    g_assert_cmpuint(drops->len, ==, 2);
    const struct dm_board_drop *drop = dm_board_drop(stand->board, "gray/Day 1");
    g_assert_cmpint(drop->tally.rows[DM_STATE_DONE], ==, 3);
    g_assert_cmpint(dm_board_waiting(&drop->tally), ==, 2);
    g_assert_cmpint(dm_board_total(drop), ==, 5);
    g_assert_cmpuint(drop->newest_count, ==, 3);
    g_assert_cmpint(dm_board_rows(stand->board)[DM_STATE_DONE], ==, 3);
    g_assert_cmpint(dm_board_done_today(stand->board), ==, 3);
    g_assert_cmpstr(dm_board_text(stand->board, "version"), ==, "9.9");
    g_assert_cmpint(dm_board_number(stand->board, "share.online"), ==, 1);
    g_assert_cmpstr(dm_board_silence(stand->board), ==, "");
    stand_free(stand);
}

/** What is announced counts, until it is here. */
static void test_expected(void) {
    struct stand *stand = stand_new();
    open_ledger(stand);
    dm_expected_set(stand->expected, "gray/Day 1", 10, 1000);
    add_rows(stand, "gray/Day 1", DM_STATE_DONE, 3);
    look(stand, 1);
    const struct dm_board_drop *drop = dm_board_drop(stand->board, "gray/Day 1");
    g_assert_cmpint(drop->expected_files, ==, 10);
    g_assert_cmpint(dm_board_total(drop), ==, 10);
    stand_free(stand);
}

static void test_tells(void) {
    struct stand *stand = stand_new();
    open_ledger(stand);
    start_daemon(stand);
    look(stand, 1);
    g_assert_nonnull(strstr(stand->told->str, "state -; "));
    g_string_truncate(stand->told, 0);
    grow_old();
    look(stand, 1);
    g_assert_cmpstr(stand->told->str, ==, ""); // nothing has changed
    add_rows(stand, "gray/Day 1", DM_STATE_DONE, 1);
    grow_old();
    look(stand, 1);
    g_assert_nonnull(strstr(stand->told->str, "drop gray/Day 1; "));
    g_assert_nonnull(strstr(stand->told->str, "log -; "));
    g_string_truncate(stand->told, 0);
    stand->held = "until 14:00";
    dm_ledger_set_folder_problem(stand->ledger, "gary", "unknown", "gray");
    g_assert_true(dm_ledger_commit(stand->ledger, NULL));
    grow_old();
    look(stand, 1);
    g_assert_cmpstr(stand->told->str, ==, "state -; folder -; ");
    g_string_truncate(stand->told, 0);
    dm_control_free(g_steal_pointer(&stand->control));
    grow_old();
    look(stand, 1);
    g_assert_cmpstr(stand->told->str, ==, "state -; ");
    g_assert_null(dm_board_status(stand->board));
    stand_free(stand);
}

/** However many want to know, it asks once. */
static void test_asks_once(void) {
    struct stand *stand = stand_new();
    start_daemon(stand);
    look(stand, 50);
    look(stand, 50);
    g_assert_cmpint(stand->asked, ==, 1);
    grow_old();
    look(stand, 50);
    g_assert_cmpint(stand->asked, ==, 2);
    stand_free(stand);
}

/** Whoever leaves is not called. */
static void test_forgets(void) {
    struct stand *stand = stand_new();
    start_daemon(stand);
    int answered = 0, left = 0;
    dm_board_look(stand->board, on_fresh, &left);
    dm_board_look(stand->board, on_fresh, &answered);
    dm_board_forget(stand->board, &left);
    while (answered == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(left, ==, 0);
    stand_free(stand);
}

/** It looks by itself only while somebody listens. */
static void test_watches(void) {
    struct stand *stand = stand_new();
    start_daemon(stand);
    dm_board_watch(stand->board, true);
    while (stand->asked < 2) {
        g_main_context_iteration(NULL, TRUE);
    }
    dm_board_watch(stand->board, false);
    grow_old();
    int asked = stand->asked;
    grow_old();
    grow_old();
    g_assert_cmpint(stand->asked, ==, asked);
    stand_free(stand);
}

/** A ledger that comes later, or in another's place, is found. */
static void test_ledger_comes(void) {
    struct stand *stand = stand_new();
    look(stand, 1);
    g_assert_null(dm_board_ledger(stand->board));
    open_ledger(stand);
    add_rows(stand, "gray/Day 1", DM_STATE_DONE, 1);
    while (dm_board_ledger(stand->board) == NULL) {
        grow_old();
        look(stand, 1);
    }
    g_assert_nonnull(dm_board_drop(stand->board, "gray/Day 1"));
    stand_free(stand);
}

/** What was dear to count is counted the more seldom. */
static void test_budget(void) {
    struct dm_board_drop drop = {.changed = true, .counted_us = 1000, .cost_us = 50};
    g_assert_false(dm_board_drop_is_due(&drop, 1000 + 50 * DM_BOARD_COST_FACTOR - 1));
    g_assert_true(dm_board_drop_is_due(&drop, 1000 + 50 * DM_BOARD_COST_FACTOR));
    drop.changed = false;
    g_assert_false(dm_board_drop_is_due(&drop, INT64_C(3600) * G_USEC_PER_SEC));
    drop.rate = 1; // it has to fall
    g_assert_true(dm_board_drop_is_due(&drop, INT64_C(3600) * G_USEC_PER_SEC));
}

static void test_rate(void) {
    struct dm_board_drop drop = {.expected_files = 100};
    int64_t now_us = INT64_C(1000) * G_USEC_PER_SEC;
    dm_board_drop_measure(&drop, now_us);
    g_assert_cmpint(dm_board_seconds_left(&drop), ==, -1);
    drop.tally.rows[DM_STATE_DONE] = 20;
    dm_board_drop_measure(&drop, now_us += 2 * G_USEC_PER_SEC);
    g_assert_cmpfloat(drop.rate, ==, 10);
    g_assert_cmpint(dm_board_seconds_left(&drop), ==, 9);
    drop.tally.rows[DM_STATE_DONE] = 60;
    dm_board_drop_measure(&drop, now_us += 2 * G_USEC_PER_SEC); // 20 a second, smoothed
    g_assert_cmpfloat(drop.rate, ==, 15);
    g_assert_true(dm_board_drop_is_at_work(&drop));
    dm_board_drop_measure(&drop, now_us += 2 * G_USEC_PER_SEC);
    g_assert_cmpfloat(drop.rate, ==, 0);
    drop.tally.rows[DM_STATE_DONE] = 100;
    g_assert_false(dm_board_drop_is_at_work(&drop));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/board/nothing", test_nothing);
    g_test_add_func("/board/counts", test_counts);
    g_test_add_func("/board/expected", test_expected);
    g_test_add_func("/board/tells", test_tells);
    g_test_add_func("/board/asks-once", test_asks_once);
    g_test_add_func("/board/forgets", test_forgets);
    g_test_add_func("/board/watches", test_watches);
    g_test_add_func("/board/ledger-comes", test_ledger_comes);
    g_test_add_func("/board/budget", test_budget);
    g_test_add_func("/board/rate", test_rate);
    return g_test_run();
}
