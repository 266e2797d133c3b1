// SPDX-License-Identifier: MIT
//
// The engine against a real ledger and a fake job: everything that can happen to READY rows.
#include "watcher/engine/engine.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "tests/unit/watcher/support/fake_job.h"

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// Words for mpirun, so that there is one: see dm_launch_needs_mpirun().
static char *mpirun_args[] = {(char *)"--quiet", NULL};

/** A share, a ledger, an engine, and a daemon that has these two rooms only. */
struct rig {
    char *root, *runtime, *out, *mpirun, *worker, *ledger_path;
    struct dm_ledger *ledger;
    struct dm_engine *engine;
    struct dm_engine_config config;
    bool woken;
    int64_t rounds;
    // What rig_done() waits for: all rows are in this state.
    enum dm_state wanted;
};

static GString *log_text; // warnings and messages of the current test

static void collect_log(const char *domain, GLogLevelFlags level, const char *message,
                        gpointer data) {
    (void)domain, (void)data;
    if ((level & G_LOG_LEVEL_MASK) < G_LOG_LEVEL_DEBUG) {
        g_string_append_printf(log_text, "%s\n", message);
    }
}

static void wake_up(void *data) {
    ((struct rig *)data)->woken = true;
}

static char *make_dir(const char *root, const char *name) {
    char *path = g_build_filename(root, name, NULL);
    g_assert_cmpint(mkdir(path, 0700), ==, 0);
    return path;
}

static void rig_start(struct rig *rig) {
    struct dm_wake wake = {wake_up, rig};
    g_autoptr(GError) error = NULL;
    rig->ledger = dm_ledger_open(rig->ledger_path, false, &error);
    g_assert_no_error(error);
    rig->engine = dm_engine_new(&rig->config, rig->ledger, &wake, &error);
    g_assert_no_error(error);
}

static void rig_stop(struct rig *rig) {
    dm_engine_free(rig->engine);
    dm_ledger_free(rig->ledger);
    rig->engine = NULL;
}

static struct rig *rig_new(const char *fake) {
    g_string_truncate(log_text, 0);
    g_setenv("DM_FAKE", fake, TRUE);
    struct rig *rig = g_new0(struct rig, 1);
    rig->root = g_dir_make_tmp("dm-engine-XXXXXX", NULL);
    rig->runtime = make_dir(rig->root, "run");
    rig->out = make_dir(rig->root, "out");
    rig->mpirun = fake_mpirun_path(rig->root);
    rig->worker = fake_worker_path();
    rig->ledger_path = g_build_filename(rig->root, "ledger.db", NULL);
    rig->config = (struct dm_engine_config){
        .settings =
            {
                .mpirun = rig->mpirun,
                .hostfile = (char *)"",
                .mpirun_args = mpirun_args,
                .idle_us = 60000000,
                .connect_us = 10000000,
                .batch_files = 40,
                .batch_bytes = 1000000,
                .limits.deadline_us = 60000000,
            },
        .worker = rig->worker,
        .runtime_dir = rig->runtime,
        .input_root = rig->root,
        .output_root = rig->out,
    };
    return rig;
}

static guint count_sessions(struct rig *rig) {
    GDir *dir = g_dir_open(rig->runtime, 0, NULL);
    guint count = 0;
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        count += g_str_has_prefix(name, "session-") ? 1 : 0;
    }
    g_dir_close(dir);
    return count;
}

static void rig_free(struct rig *rig) {
    rig_stop(rig);
    g_assert_cmpuint(count_sessions(rig), ==, 0);
    dm_remove_tree(rig->root);
    g_free(rig->root);
    g_free(rig->runtime);
    g_free(rig->out);
    g_free(rig->mpirun);
    g_free(rig->worker);
    g_free(rig->ledger_path);
    g_free(rig);
}

static int64_t add_ready(struct rig *rig, const char *path) {
    struct dm_fingerprint fingerprint = {.ino = 1, .size_bytes = 1000, .mtime_ns = 5};
    struct dm_row *row = dm_ledger_insert(rig->ledger, path, "copy", &fingerprint);
    int64_t id = row->id;
    dm_ledger_move(rig->ledger, row, DM_FACT_SETTLED);
    dm_row_free(row);
    return id;
}

/** What the outbox does for rows whose temporary may be left from a lost attempt. */
static void clean_stale(struct rig *rig) {
    const struct dm_query query = {.states = 1u << DM_STATE_READY | 1u << DM_STATE_FAILED |
                                             1u << DM_STATE_PARKED,
                                   .has_temp = true};
    g_autoptr(GPtrArray) rows = dm_ledger_list(rig->ledger, &query);
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        dm_row_set(&row->temp, "");
        dm_ledger_save(rig->ledger, row);
        rig->woken = true;
    }
}

/** The daemon's loop: turns and commits while anybody is woken. */
static void rounds(struct rig *rig) {
    do {
        rig->woken = false;
        clean_stale(rig);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
        g_assert_true(dm_ledger_commit(rig->ledger, NULL));
        dm_engine_committed(rig->engine);
        rig->rounds++;
    } while (rig->woken);
}

static int64_t count(struct rig *rig, enum dm_state state) {
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(rig->ledger, counts);
    return counts[state];
}

static bool nothing_to_do(void *data) {
    struct rig *rig = data;
    rounds(rig);
    return count(rig, DM_STATE_READY) + count(rig, DM_STATE_RUNNING) == 0;
}

static bool is_warm(void *data) {
    struct rig *rig = data;
    rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "warm") == 0;
}

static bool is_idle(void *data) {
    struct rig *rig = data;
    rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "idle") == 0;
}

static bool is_waiting(void *data) {
    struct rig *rig = data;
    rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "waiting") == 0;
}

static struct dm_row *get(struct rig *rig, int64_t id) {
    struct dm_row *row = dm_ledger_get(rig->ledger, id);
    g_assert_nonnull(row);
    return row;
}

static void add_good(struct rig *rig, int files) {
    for (int i = 0; i < files; i++) {
        g_autofree char *path = g_strdup_printf("copy/d%d/good-%d.jpg", i % 7, i);
        add_ready(rig, path);
    }
}

// ---- the tests

static void test_normal(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    add_good(rig, 500);
    g_assert_true(fake_wait(nothing_to_do, rig, 30));
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 500);
    struct dm_row *row = get(rig, 77);
    g_assert_cmpint(row->attempt, ==, 1);
    g_assert_cmpstr(row->temp, ==, "copy/d6/.dropmill-77-1.tmp");
    g_assert_cmpstr(row->format, ==, "jpeg");
    g_assert_cmpint(row->width_px, ==, 4);
    g_assert_cmpint(row->bytes, ==, 100);
    g_assert_cmpstr(row->host, ==, "fake");
    g_assert_cmpint(row->reason, ==, DM_REASON_NONE);
    g_assert_cmpint(row->job, >, 0);
    g_assert_cmpint(row->batch, >, 0);
    dm_row_free(row);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpstr(status.state, ==, "warm");
    g_assert_cmpint(status.job, >, 0);
    g_assert_cmpint(status.ranks, ==, 1);
    g_assert_cmpint(status.in_flight, ==, 0);
    g_assert_cmpstr(status.problem, ==, "");
    rig_free(rig);
}

/** Somebody's thing has the name of the temporary: it is looked at, then the next attempt has
 * another name. */
static void test_name_taken(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    add_ready(rig, "copy/name-taken.jpg");
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    struct dm_row *row = get(rig, 1);
    g_assert_cmpint(row->state, ==, DM_STATE_COMPUTED);
    g_assert_cmpstr(row->temp, ==, "copy/.dropmill-1-2.tmp");
    dm_row_free(row);
    g_assert_nonnull(strstr(log_text->str, "as its name says, will take another name"));
    rig_free(rig);
}

static void test_results(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t bad = add_ready(rig, "copy/bad.jpg");
    int64_t changed = add_ready(rig, "copy/changed.jpg");
    int64_t blocked = add_ready(rig, "copy/blocked-1.jpg");
    add_ready(rig, "copy/blocked-2.jpg");
    add_ready(rig, "copy/stray.jpg");
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    struct dm_row *row = get(rig, bad);
    g_assert_cmpint(row->state, ==, DM_STATE_FAILED);
    g_assert_cmpint(row->reason, ==, DM_REASON_DAMAGED);
    g_assert_cmpstr(row->message, ==, "as its name says");
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
    row = get(rig, changed);
    g_assert_cmpint(row->state, ==, DM_STATE_SEEN);
    dm_row_free(row);
    row = get(rig, blocked);
    g_assert_cmpint(row->state, ==, DM_STATE_PARKED);
    int64_t wait_us = row->not_before_utc_us - g_get_real_time();
    g_assert_cmpint(wait_us, >, 20000000);
    g_assert_cmpint(wait_us, <=, 30000000);
    dm_row_free(row);
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 1); // stray answers hurt nobody
    // One warning a cause, not one a file.
    const char *warning = strstr(log_text->str, "results cannot be written: as its name says, "
                                                "will retry in 30 s");
    g_assert_nonnull(warning);
    g_assert_null(strstr(warning + 1, "results cannot be written"));
    rig_free(rig);
}

/** 200 files and one that does harm; returns that one's row. */
static struct dm_row *run_with(struct rig *rig, const char *name) {
    rig_start(rig);
    add_good(rig, 100);
    int64_t id = add_ready(rig, name);
    add_good(rig, 0);
    for (int i = 0; i < 100; i++) {
        g_autofree char *path = g_strdup_printf("copy/later/%d.jpg", i);
        add_ready(rig, path);
    }
    g_assert_true(fake_wait(nothing_to_do, rig, 30));
    return get(rig, id);
}

/** Files that never come out, and how they are given up. */
static void test_guilty(void) {
    static const struct {
        const char *name;
        enum dm_reason reason;
        int64_t attempts;
        const char *message;
    } cases[] = {
        {"copy/crash-me.jpg", DM_REASON_WORKER_CRASH, 2, "killed the worker twice (SIGSEGV)"},
        {"copy/timeout-me.jpg", DM_REASON_TIMEOUT, 2, "hung the worker twice (TIMEOUT)"},
        {"copy/kill-me.jpg", DM_REASON_WORKER_CRASH, 4, "killed the worker 4 times (SIGKILL)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = rig_new("");
        struct dm_row *row = run_with(rig, cases[i].name);
        g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 200);
        g_assert_cmpint(row->state, ==, DM_STATE_FAILED);
        g_assert_cmpint(row->reason, ==, cases[i].reason);
        g_assert_cmpint(row->attempt, ==, cases[i].attempts);
        g_assert_cmpstr(row->message, ==, cases[i].message);
        g_assert_false(row->suspect);
        dm_row_free(row);
        rig_free(rig);
    }
}

/** Deaths that are not the image's fault, or not for good: everything is done in the end. */
static void test_innocent(void) {
    static const struct {
        const char *name;
        int64_t attempts, crashes;
    } cases[] = {
        {"copy/crash-once.jpg", 2, 1},
        {"copy/kill-once.jpg", 2, 1},
        {"copy/exit-once.jpg", 2, 1},
        {"copy/mpirun-once.jpg", 2, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = rig_new("");
        struct dm_row *row = run_with(rig, cases[i].name);
        g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 201);
        g_assert_cmpint(row->attempt, ==, cases[i].attempts);
        g_assert_cmpint(row->crashes, ==, cases[i].crashes);
        g_assert_false(row->suspect);
        dm_row_free(row);
        rig_free(rig);
    }
}

/** The same with one rank that needs no mpirun. */
static void test_alone(void) {
    static const struct {
        const char *name;
        enum dm_state state;
        int64_t attempts, crashes;
    } cases[] = {
        {"copy/good.jpg", DM_STATE_COMPUTED, 1, 0},
        {"copy/crash-me.jpg", DM_STATE_FAILED, 2, 2},
        {"copy/kill-me.jpg", DM_STATE_FAILED, 4, 4},
        {"copy/timeout-me.jpg", DM_STATE_FAILED, 2, 2},
        {"copy/crash-once.jpg", DM_STATE_COMPUTED, 2, 1},
        {"copy/exit-once.jpg", DM_STATE_COMPUTED, 2, 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = rig_new("");
        rig->config.settings.mpirun_args = NULL;
        rig->config.settings.mpirun = (char *)"/nonexistent/mpirun";
        struct dm_row *row = run_with(rig, cases[i].name);
        g_assert_cmpint(row->state, ==, cases[i].state);
        g_assert_cmpint(row->attempt, ==, cases[i].attempts);
        g_assert_cmpint(row->crashes, ==, cases[i].crashes);
        g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==,
                        200 + (cases[i].state == DM_STATE_COMPUTED));
        dm_row_free(row);
        rig_free(rig);
    }
}

static void test_stopped(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.limits.deadline_us = 100000; // a job silent for twice that is dead
    struct dm_row *row = run_with(rig, "copy/stop-once.jpg");
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 201);
    g_assert_cmpint(row->crashes, ==, 1);
    g_assert_nonnull(strstr(log_text->str, "does not answer"));
    dm_row_free(row);
    rig_free(rig);
}

/** Nothing is sent before it is committed: a task line in the turn that dispatched would be too
 * early. */
static void test_commit_first(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    add_ready(rig, "copy/once.jpg");
    while (count(rig, DM_STATE_RUNNING) == 0) {
        dm_engine_turn(rig->engine, g_get_monotonic_time());
        if (count(rig, DM_STATE_RUNNING) == 0) {
            dm_ledger_commit(rig->ledger, NULL);
            g_main_context_iteration(NULL, TRUE);
        }
    }
    // As if the watcher died here: the row is not committed, so no rank may work on it.
    for (int i = 0; i < 20; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpint(count(rig, DM_STATE_RUNNING), ==, 1);
    g_assert_true(dm_ledger_commit(rig->ledger, NULL));
    dm_engine_committed(rig->engine);
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 1);
    rig_free(rig);
}

/** Whatever is READY beyond two batches waits; folders have their turn. */
static void test_window(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.batch_files = 10;
    rig->config.settings.threads = 1;
    rig_start(rig);
    add_good(rig, 100);
    while (count(rig, DM_STATE_RUNNING) == 0) {
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, TRUE);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    g_assert_cmpint(count(rig, DM_STATE_RUNNING), ==, 20);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpint(status.in_flight, ==, 20);
    g_assert_cmpint(status.threads, ==, 1);
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 100);
    rig_free(rig);
}

/** A row with a temporary from a lost attempt is not touched until somebody has cleaned it. */
static void test_stale_first(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t id = add_ready(rig, "copy/a.jpg");
    struct dm_row *row = get(rig, id);
    dm_row_set(&row->temp, "copy/.dropmill-1-1.tmp");
    dm_ledger_save(rig->ledger, row);
    dm_row_free(row);
    dm_engine_turn(rig->engine, g_get_monotonic_time());
    g_assert_cmpuint(count_sessions(rig), ==, 0);
    g_assert_true(fake_wait(nothing_to_do, rig, 10)); // cleans it
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 1);
    rig_free(rig);
}

/** The file changed while a rank worked on it: its old answer counts for nothing. */
static void test_moved_on(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t id = add_ready(rig, "copy/a.jpg");
    while (count(rig, DM_STATE_RUNNING) == 0) {
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, TRUE);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    struct dm_row *row = get(rig, id);
    dm_row_set(&row->temp, "");
    dm_ledger_move(rig->ledger, row, DM_FACT_CHANGED);
    dm_ledger_move(rig->ledger, row, DM_FACT_SETTLED);
    dm_row_free(row);
    // READY again while its first task is out: attempt 1 must not be handed out twice.
    dm_ledger_commit(rig->ledger, NULL);
    dm_engine_committed(rig->engine);
    dm_engine_turn(rig->engine, g_get_monotonic_time());
    g_assert_cmpint(count(rig, DM_STATE_READY), ==, 1);
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    row = get(rig, id);
    g_assert_cmpint(row->state, ==, DM_STATE_COMPUTED);
    g_assert_cmpint(row->attempt, ==, 1);
    dm_row_free(row);
    rig_free(rig);
}

static void test_idle_ends(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.idle_us = 50000;
    rig_start(rig);
    add_ready(rig, "copy/a.jpg");
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    g_assert_true(fake_wait(is_idle, rig, 10));
    g_assert_cmpuint(count_sessions(rig), ==, 0);
    add_ready(rig, "copy/b.jpg"); // and the next one starts another job
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    struct dm_row *row = get(rig, 2);
    g_assert_cmpint(row->job, >, 1);
    dm_row_free(row);
    rig_free(rig);
}

/** Starts that fail: rows stay READY, the reason is told, the next try waits. */
static void test_bad_starts(void) {
    static const struct {
        const char *fake;
        int64_t connect_us;
        const char *problem;
    } cases[] = {
        {"exit", 5000000,
         "mpirun ended (exit code 5): libfoo.so.7: cannot open shared object file"},
        {"version", 5000000, "speaks 2, expected 1"},
        {"silent", 100000, "rank 0 did not answer within 0.1 s"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = rig_new(cases[i].fake);
        rig->config.settings.connect_us = cases[i].connect_us;
        rig_start(rig);
        add_good(rig, 3);
        g_assert_true(fake_wait(is_waiting, rig, 10));
        struct dm_engine_status status;
        dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
        g_assert_nonnull(strstr(status.problem, cases[i].problem));
        g_assert_cmpint(status.retry_in_us, >, 0);
        g_assert_cmpint(status.retry_in_us, <=, 1000000);
        g_assert_cmpint(count(rig, DM_STATE_READY), ==, 3);
        g_assert_nonnull(strstr(log_text->str, ", will retry in 1 s"));
        g_assert_nonnull(strstr(log_text->str, "/job-1.txt', "));
        int64_t next = dm_engine_turn(rig->engine, g_get_monotonic_time());
        g_assert_cmpint(next, >, g_get_monotonic_time());
        g_assert_cmpint(next, <=, g_get_monotonic_time() + 1000000);
        rig_free(rig);
    }
}

static void test_flood(void) {
    struct rig *rig = rig_new("flood");
    rig_start(rig);
    add_good(rig, 50);
    g_assert_true(fake_wait(nothing_to_do, rig, 30));
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 50);
    rig_free(rig);
}

/** The watcher was killed: rows are RUNNING, the job's directory is there, a rank still lives. */
static void test_restart(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    add_good(rig, 10);
    while (count(rig, DM_STATE_RUNNING) == 0) {
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, TRUE);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    dm_ledger_commit(rig->ledger, NULL);
    rig_stop(rig);

    g_autofree char *dir = make_dir(rig->runtime, "session-1");
    g_autofree char *alive = g_build_filename(dir, "alive", NULL);
    int lock = open(alive, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(flock(lock, LOCK_SH), ==, 0); // "a rank"
    rig_start(rig);
    add_ready(rig, "copy/new.jpg");
    for (int i = 0; i < 10; i++) {
        g_assert_false(nothing_to_do(rig));
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(count(rig, DM_STATE_RUNNING), ==, 10); // it could still write temporaries
    g_assert_cmpuint(count_sessions(rig), ==, 1);          // and no other job begins
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpstr(status.state, ==, "starting");
    close(lock); // it dies
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 11);
    struct dm_row *row = get(rig, 3);
    g_assert_cmpint(row->attempt, ==, 2);
    g_assert_cmpstr(row->temp, ==, "copy/d2/.dropmill-3-2.tmp");
    g_assert_false(row->suspect);
    dm_row_free(row);
    g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
    rig_free(rig);
}

/** Random kills of rank and mpirun while 200 images pass: nothing fails, nothing is lost. */
static void test_random_kills(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.batch_files = 8;
    rig_start(rig);
    for (int i = 0; i < 200; i++) {
        static const char *const words[] = {"good", "kill-once", "good", "mpirun-once",
                                            "exit-once"};
        g_autofree char *path =
            g_strdup_printf("copy/%s-%d.jpg", i % 20 == 3 ? words[1 + i / 20 % 4] : words[0], i);
        add_ready(rig, path);
    }
    g_assert_true(fake_wait(nothing_to_do, rig, 60));
    g_assert_cmpint(count(rig, DM_STATE_FAILED), ==, 0);
    g_assert_cmpint(count(rig, DM_STATE_COMPUTED), ==, 200);
    rig_free(rig);
}

static void test_flat(void) {
    struct rig *rig = rig_new("");
    rig->config.flat = true;
    rig_start(rig);
    int64_t id = add_ready(rig, "some/where/a.jpg");
    g_assert_true(fake_wait(nothing_to_do, rig, 10));
    struct dm_row *row = get(rig, id);
    g_assert_cmpstr(row->temp, ==, ".dropmill-1-1.tmp");
    dm_row_free(row);
    rig_free(rig);
}

static void test_config(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    g_assert_true(fake_wait(is_idle, rig, 10));
    g_autofree char *deep = g_strnfill(100, 'r');
    g_autofree char *long_dir = make_dir(rig->root, deep);
    struct dm_engine_config cases[] = {rig->config, rig->config, rig->config, rig->config};
    cases[0].settings.mpirun = (char *)"/nonexistent/mpirun";
    cases[1].worker = "/nonexistent/worker";
    cases[2].settings.hostfile = (char *)"/nonexistent/hosts";
    cases[3].runtime_dir = long_dir;
    static const char *const words[] = {
        "mpirun: ", "worker: ", "hostfile: ", "runtime directory: "};
    struct dm_wake wake = {wake_up, rig};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_engine_new(&cases[i], rig->ledger, &wake, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_true(g_str_has_prefix(error->message, words[i]));
    }
    dm_engine_free(NULL);
    rig_free(rig);
}

/** dm_engine_free() in the middle of work. */
static void test_free_while_running(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    add_good(rig, 200);
    g_assert_true(fake_wait(is_warm, rig, 10));
    rig_free(rig);
}

int main(int argc, char **argv) {
    int fake = fake_job_main(argc, argv);
    if (fake >= 0) {
        return fake;
    }
    g_test_init(&argc, &argv, NULL);
    log_text = g_string_new(NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK); // warnings are what some cases are about
    g_log_set_default_handler(collect_log, NULL);
    g_test_add_func("/engine/normal", test_normal);
    g_test_add_func("/engine/results", test_results);
    g_test_add_func("/engine/name-taken", test_name_taken);
    g_test_add_func("/engine/guilty", test_guilty);
    g_test_add_func("/engine/innocent", test_innocent);
    g_test_add_func("/engine/alone", test_alone);
    g_test_add_func("/engine/stopped", test_stopped);
    g_test_add_func("/engine/commit-first", test_commit_first);
    g_test_add_func("/engine/window", test_window);
    g_test_add_func("/engine/stale-first", test_stale_first);
    g_test_add_func("/engine/moved-on", test_moved_on);
    g_test_add_func("/engine/idle-ends", test_idle_ends);
    g_test_add_func("/engine/bad-starts", test_bad_starts);
    g_test_add_func("/engine/flood", test_flood);
    g_test_add_func("/engine/restart", test_restart);
    g_test_add_func("/engine/random-kills", test_random_kills);
    g_test_add_func("/engine/flat", test_flat);
    g_test_add_func("/engine/config", test_config);
    g_test_add_func("/engine/free-while-running", test_free_while_running);
    int code = g_test_run();
    g_string_free(log_text, TRUE);
    return code;
}
