// SPDX-License-Identifier: MIT
//
// The engine against a real ledger and a fake job: what crashes, is killed, stops, or never starts.
#include "tests/unit/watcher/support/engine_rig.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/** 200 files and one that does harm; returns that one's row. */
static struct dm_row *run_with(struct rig *rig, const char *name) {
    rig_start(rig);
    rig_add_good(rig, 100);
    int64_t id = rig_add_ready(rig, name);
    rig_add_good(rig, 0);
    for (int i = 0; i < 100; i++) {
        g_autofree char *path = g_strdup_printf("copy/later/%d.jpg", i);
        rig_add_ready(rig, path);
    }
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 30));
    return rig_get(rig, id);
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
        {"copy/leave-me.jpg", DM_REASON_WORKER_CRASH, 4, "killed the worker 4 times (exit code 0)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = rig_new("");
        struct dm_row *row = run_with(rig, cases[i].name);
        g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 200);
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
        g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 201);
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
        {"copy/leave-me.jpg", DM_STATE_FAILED, 4, 4},
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
        g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==,
                        200 + (cases[i].state == DM_STATE_COMPUTED));
        dm_row_free(row);
        rig_free(rig);
    }
}

static void test_stopped(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.limits.deadline_us = 100000; // a job silent for four times that is dead
    struct dm_row *row = run_with(rig, "copy/stop-once.jpg");
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 201);
    g_assert_cmpint(row->crashes, ==, 1);
    g_assert_nonnull(strstr(rig_log->str, "does not answer"));
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpint(status.deaths, ==, 1);
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
        rig_add_good(rig, 3);
        g_assert_true(fake_wait(rig_is_waiting, rig, 10));
        struct dm_engine_status status;
        dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
        g_assert_nonnull(strstr(status.problem, cases[i].problem));
        g_assert_cmpint(status.deaths, ==, 0); // it was never up
        g_assert_cmpint(status.retry_in_us, >, 0);
        g_assert_cmpint(status.retry_in_us, <=, 1000000);
        g_assert_cmpint(rig_count(rig, DM_STATE_READY), ==, 3);
        g_assert_nonnull(strstr(rig_log->str, ", will retry in 1 s"));
        g_assert_nonnull(strstr(rig_log->str, "/job-1.txt', "));
        int64_t next = dm_engine_turn(rig->engine, g_get_monotonic_time());
        g_assert_cmpint(next, >, g_get_monotonic_time());
        g_assert_cmpint(next, <=, g_get_monotonic_time() + 1000000);
        rig_free(rig);
    }
}

static void test_flood(void) {
    struct rig *rig = rig_new("flood");
    rig_start(rig);
    rig_add_good(rig, 50);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 30));
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 50);
    rig_free(rig);
}

/** The watcher was killed: rows are RUNNING, the job's directory is there, a rank still lives. */
static void test_restart(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    rig_add_good(rig, 10);
    while (rig_count(rig, DM_STATE_RUNNING) == 0) {
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, TRUE);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    dm_ledger_commit(rig->ledger, NULL);
    rig_stop(rig);

    g_autofree char *dir = rig_make_dir(rig->runtime, "session-1");
    g_autofree char *alive = g_build_filename(dir, "alive", NULL);
    int lock = open(alive, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(flock(lock, LOCK_SH), ==, 0); // "a rank"
    rig_start(rig);
    rig_add_ready(rig, "copy/new.jpg");
    for (int i = 0; i < 10; i++) {
        g_assert_false(rig_nothing_to_do(rig));
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(rig_count(rig, DM_STATE_RUNNING), ==, 10); // it could still write temporaries
    g_assert_cmpuint(rig_count_sessions(rig), ==, 1);          // and no other job begins
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpstr(status.state, ==, "starting");
    close(lock); // it dies
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 11);
    struct dm_row *row = rig_get(rig, 3);
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
        rig_add_ready(rig, path);
    }
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 60));
    g_assert_cmpint(rig_count(rig, DM_STATE_FAILED), ==, 0);
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 200);
    rig_free(rig);
}

int main(int argc, char **argv) {
    rig_init(argc, argv);
    g_test_add_func("/engine-faults/guilty", test_guilty);
    g_test_add_func("/engine-faults/innocent", test_innocent);
    g_test_add_func("/engine-faults/alone", test_alone);
    g_test_add_func("/engine-faults/stopped", test_stopped);
    g_test_add_func("/engine-faults/bad-starts", test_bad_starts);
    g_test_add_func("/engine-faults/flood", test_flood);
    g_test_add_func("/engine-faults/restart", test_restart);
    g_test_add_func("/engine-faults/random-kills", test_random_kills);
    return rig_run();
}
