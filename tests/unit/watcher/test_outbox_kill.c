// SPDX-License-Identifier: MIT
//
// kill -9 at random moments: a child plays the daemon with a ledger on disk (its engine answers at
// once), the parent kills it again and again, then lets it finish. Each drop must end with one
// right result and its original kept once, or in failed/ with its note; no temporary may be left.
#include "tests/unit/watcher/support/outbox_bench.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { ROUNDS = 8, KILLS = 12, GOOD = 120, BAD = 40, MOST_US = 30000 };

static void play_engine(struct bench *bench) {
    const struct dm_query ready = {.states = 1u << DM_STATE_READY, .no_temp = true, .limit = 16};
    g_autoptr(GPtrArray) rows = dm_ledger_list(bench->ledger, &ready);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = rows->pdata[i];
        bench_dispatch_row(bench, row->id);
        g_autofree char *result = g_strdup_printf("result of %s", row->path);
        bench_answer(bench, row->id, "webp", result);
    }
}

/** What an earlier child had in work is given up. */
static void lose_running(struct bench *bench) {
    const struct dm_query running = {.states = 1u << DM_STATE_RUNNING};
    g_autoptr(GPtrArray) rows = dm_ledger_list(bench->ledger, &running);
    for (guint i = 0; i < rows->len; i++) {
        dm_ledger_move(bench->ledger, rows->pdata[i], DM_FACT_LOST);
    }
    bench_commit(bench);
}

static bool is_finished(struct bench *bench) {
    const struct dm_query busy = {.states = ~(1u << DM_STATE_DONE | 1u << DM_STATE_FAILED) &
                                            ((1u << DM_STATE_COUNT) - 1)};
    const struct dm_query failing = {.states = 1u << DM_STATE_FAILED, .not_retired = true};
    const struct dm_query stale = {.has_temp = true};
    g_autoptr(GPtrArray) a = dm_ledger_list(bench->ledger, &busy);
    g_autoptr(GPtrArray) b = dm_ledger_list(bench->ledger, &failing);
    g_autoptr(GPtrArray) c = dm_ledger_list(bench->ledger, &stale);
    return a->len + b->len + c->len == 0;
}

static void open_ledger(struct bench *bench) {
    g_autofree char *path = bench_path(bench, ".dropmill/test.db");
    g_autoptr(GError) error = NULL;
    dm_ledger_free(bench->ledger);
    bench->ledger = dm_ledger_open(path, false, &error);
    g_assert_no_error(error);
}

/** The child: a daemon's life until all is done. Never returns. */
static void live(struct bench *bench) {
    open_ledger(bench);
    lose_running(bench);
    bench_start(bench);
    while (!is_finished(bench) || (dm_share_load(bench->share) > 0)) {
        play_engine(bench);
        bench->now_us = g_get_monotonic_time();
        bench_turn(bench);
        if (dm_share_load(bench->share) > 0) {
            bench_dispatch(bench);
        }
    }
    bench_commit(bench);
    bench_stop(bench);
    dm_ledger_free(bench->ledger);
    _exit(0);
}

/** Run a child for @us, then kill it; 0: let it end. Returns whether it came to its end. */
static bool run_child(struct bench *bench, int us) {
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        live(bench);
    }
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    const struct timespec limit = {.tv_nsec = us * 1000L};
    g_assert_cmpint(end.fd, >=, 0);
    if (us > 0 && ppoll(&end, 1, &limit, NULL) == 0) {
        kill(child, SIGKILL);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    close(end.fd);
    g_assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void drop_all(struct bench *bench, int round) {
    open_ledger(bench);
    for (int i = 0; i < GOOD + BAD; i++) {
        const char *kind = i < GOOD ? "good" : "bad";
        g_autofree char *path =
            g_strdup_printf("webp/%d/%s %d.%s", i % 5, kind, i / 2, i % 2 == 0 ? "jpg" : "png");
        g_autofree char *text = g_strdup_printf("%s in round %d", path, round);
        if (i < GOOD) {
            bench_drop(bench, path, text);
        } else {
            bench_failed(bench, path, text);
        }
    }
    bench_commit(bench);
    dm_ledger_free(bench->ledger);
    bench->ledger = NULL;
}

/** How many files are below @path of the share; none of them may be a temporary. */
static int count_files(const struct bench *bench, const char *path) {
    g_autofree char *full = bench_path(bench, path);
    g_autoptr(GDir) dir = g_dir_open(full, 0, NULL);
    int count = 0;
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_assert_false(g_str_has_prefix(name, ".dropmill"));
        g_autofree char *below = dm_path_join(path, name);
        g_autofree char *full_below = bench_path(bench, below);
        bool is_dir = g_file_test(full_below, G_FILE_TEST_IS_DIR);
        count += is_dir ? count_files(bench, below) : 1;
    }
    return count;
}

static void check_results(struct bench *bench, int rounds) {
    open_ledger(bench);
    const struct dm_query done = {.states = 1u << DM_STATE_DONE};
    g_autoptr(GPtrArray) rows = dm_ledger_list(bench->ledger, &done);
    g_assert_cmpuint(rows->len, ==, GOOD);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = rows->pdata[i];
        g_autofree char *output = dm_path_join("outbox", row->output);
        g_autofree char *result = g_strdup_printf("result of %s", row->path);
        bench_expect(bench, output, result);
    }
    g_assert_cmpint(count_files(bench, "inbox"), ==, 0);
    g_assert_cmpint(count_files(bench, "outbox"), ==, GOOD);
    g_assert_cmpint(count_files(bench, "originals"), ==, GOOD * rounds);
    g_assert_cmpint(count_files(bench, "failed"), ==, 2 * BAD * rounds);
    g_autoptr(GPtrArray) kept =
        dm_ledger_expired_originals(bench->ledger, INT64_MAX, 2 * GOOD * rounds);
    g_assert_cmpint((int)kept->len, ==, GOOD * rounds);
}

static void test_kill(void) {
    struct bench bench;
    bench_init(&bench);
    int kills = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        drop_all(&bench, round);
        bool ended = false;
        for (int i = 0; i < KILLS && !ended; i++) {
            ended = run_child(&bench, g_test_rand_int_range(1, MOST_US));
            kills += !ended;
        }
        g_assert_true(ended || run_child(&bench, 0));
        check_results(&bench, round);
    }
    g_test_message("%d kills", kills);
    g_assert_cmpint(kills, >, 0);
    bench_clear(&bench);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    bench_catch_log();
    g_test_add_func("/outbox/kill", test_kill);
    return g_test_run();
}
