// SPDX-License-Identifier: MIT
//
// The engine against a real ledger and a fake job: READY rows on their way, and what they wait for.
// Next: test_engine_faults.c.
#include "tests/unit/watcher/support/engine_rig.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_normal(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    rig_add_good(rig, 500);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 30));
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 500);
    struct dm_row *row = rig_get(rig, 77);
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
    rig_add_ready(rig, "copy/name-taken.jpg");
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    struct dm_row *row = rig_get(rig, 1);
    g_assert_cmpint(row->state, ==, DM_STATE_COMPUTED);
    g_assert_cmpstr(row->temp, ==, "copy/.dropmill-1-2.tmp");
    dm_row_free(row);
    g_assert_nonnull(strstr(rig_log->str, "as its name says, will take another name"));
    rig_free(rig);
}

static void test_results(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t bad = rig_add_ready(rig, "copy/bad.jpg");
    int64_t changed = rig_add_ready(rig, "copy/changed.jpg");
    int64_t blocked = rig_add_ready(rig, "copy/blocked-1.jpg");
    rig_add_ready(rig, "copy/blocked-2.jpg");
    rig_add_ready(rig, "copy/stray.jpg");
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    struct dm_row *row = rig_get(rig, bad);
    g_assert_cmpint(row->state, ==, DM_STATE_FAILED);
    g_assert_cmpint(row->reason, ==, DM_REASON_DAMAGED);
    g_assert_cmpstr(row->message, ==, "as its name says");
    g_assert_cmpstr(row->temp, ==, "");
    dm_row_free(row);
    row = rig_get(rig, changed);
    g_assert_cmpint(row->state, ==, DM_STATE_SEEN);
    dm_row_free(row);
    row = rig_get(rig, blocked);
    g_assert_cmpint(row->state, ==, DM_STATE_PARKED);
    int64_t wait_us = row->not_before_utc_us - g_get_real_time();
    g_assert_cmpint(wait_us, >, 20000000);
    g_assert_cmpint(wait_us, <=, 30000000);
    dm_row_free(row);
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 1); // stray answers hurt nobody
    // One warning a cause, not one a file.
    const char *warning = strstr(rig_log->str, "results cannot be written: as its name says, "
                                               "will retry in 30 s");
    g_assert_nonnull(warning);
    g_assert_null(strstr(warning + 1, "results cannot be written"));
    rig_free(rig);
}

/** Nothing is sent before it is committed: a task line in the turn that dispatched would be too
 * early. */
static void test_commit_first(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    rig_add_ready(rig, "copy/once.jpg");
    while (rig_count(rig, DM_STATE_RUNNING) == 0) {
        dm_engine_turn(rig->engine, g_get_monotonic_time());
        if (rig_count(rig, DM_STATE_RUNNING) == 0) {
            dm_ledger_commit(rig->ledger, NULL);
            g_main_context_iteration(NULL, TRUE);
        }
    }
    // As if the watcher died here: the row is not committed, so no rank may work on it.
    for (int i = 0; i < 20; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpint(rig_count(rig, DM_STATE_RUNNING), ==, 1);
    g_assert_true(dm_ledger_commit(rig->ledger, NULL));
    dm_engine_committed(rig->engine);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 1);
    rig_free(rig);
}

/** Whatever is READY beyond 2 s of work for each thread waits: 20 files of which nothing is known.
 */
static void test_window(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.batch_files = 15;
    rig->config.settings.threads = 1;
    rig_start(rig);
    rig_add_good(rig, 100);
    for (int64_t running = -1; running < rig_count(rig, DM_STATE_RUNNING) || running == 0;) {
        running = rig_count(rig, DM_STATE_RUNNING);
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, running == 0);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    g_assert_cmpint(rig_count(rig, DM_STATE_RUNNING), ==, 20);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    g_assert_cmpint(status.in_flight, ==, 20);
    g_assert_cmpint(status.threads, ==, 1);
    dm_ledger_commit(rig->ledger, NULL);
    dm_engine_committed(rig->engine);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 100);
    rig_free(rig);
}

/** The engine's turns alone, until its state is @state. */
static void turn_until(struct rig *rig, const char *state) {
    struct dm_engine_status status = {.state = ""};
    while (strcmp(status.state, state) != 0) {
        dm_engine_turn(rig->engine, g_get_monotonic_time());
        dm_ledger_commit(rig->ledger, NULL);
        dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
        g_main_context_iteration(NULL, strcmp(status.state, state) != 0);
    }
}

/** A row with a temporary from a lost attempt is not touched until somebody has cleaned it. */
static void test_stale_first(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t id = rig_add_ready(rig, "copy/a.jpg");
    struct dm_row *row = rig_get(rig, id);
    dm_row_set(&row->temp, "copy/.dropmill-1-1.tmp");
    dm_ledger_save(rig->ledger, row);
    dm_row_free(row);
    turn_until(rig, "warm");
    dm_engine_turn(rig->engine, g_get_monotonic_time());
    g_assert_cmpint(rig_count(rig, DM_STATE_RUNNING), ==, 0);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10)); // cleans it
    g_assert_cmpint(rig_count(rig, DM_STATE_COMPUTED), ==, 1);
    rig_free(rig);
}

/** The file changed while a rank worked on it: its old answer counts for nothing. */
static void test_moved_on(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    int64_t id = rig_add_ready(rig, "copy/a.jpg");
    while (rig_count(rig, DM_STATE_RUNNING) == 0) {
        dm_ledger_commit(rig->ledger, NULL);
        g_main_context_iteration(NULL, TRUE);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
    }
    struct dm_row *row = rig_get(rig, id);
    dm_row_set(&row->temp, "");
    dm_ledger_move(rig->ledger, row, DM_FACT_CHANGED);
    dm_ledger_move(rig->ledger, row, DM_FACT_SETTLED);
    dm_row_free(row);
    // READY again while its first task is out: attempt 1 must not be handed out twice.
    dm_ledger_commit(rig->ledger, NULL);
    dm_engine_committed(rig->engine);
    dm_engine_turn(rig->engine, g_get_monotonic_time());
    g_assert_cmpint(rig_count(rig, DM_STATE_READY), ==, 1);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    row = rig_get(rig, id);
    g_assert_cmpint(row->state, ==, DM_STATE_COMPUTED);
    g_assert_cmpint(row->attempt, ==, 1);
    dm_row_free(row);
    rig_free(rig);
}

static void test_idle_ends(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.idle_us = 50000;
    rig_start(rig);
    rig_add_ready(rig, "copy/a.jpg");
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    g_assert_true(fake_wait(rig_is_idle, rig, 10));
    g_assert_cmpuint(rig_count_sessions(rig), ==, 0);
    rig_add_ready(rig, "copy/b.jpg"); // and the next one starts another job
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    struct dm_row *row = rig_get(rig, 2);
    g_assert_cmpint(row->job, >, 1);
    dm_row_free(row);
    rig_free(rig);
}

static struct dm_row *see(struct rig *rig, const char *path) {
    const struct dm_fingerprint fingerprint = {.ino = 1, .size_bytes = 1000, .mtime_ns = 5};
    return dm_ledger_insert(rig->ledger, path, "copy", &fingerprint);
}

/** A file that is seen finds a session when it is ready, which then may idle as any other. */
static void test_early(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    DM_AUTO_ROW struct dm_row *row = see(rig, "copy/a.jpg");
    g_assert_true(fake_wait(rig_is_warm, rig, 10));
    g_assert_cmpint(rig_count(rig, DM_STATE_SEEN), ==, 1);
    dm_ledger_move(rig->ledger, row, DM_FACT_SETTLED);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    struct dm_row *done = rig_get(rig, row->id);
    g_assert_cmpint(done->job, ==, 1);
    dm_row_free(done);
    rig_free(rig);
}

/** A file that is seen for hours and never ready has one job, as long as one may idle. */
static void test_never_ready(void) {
    struct rig *rig = rig_new("");
    rig->config.settings.idle_us = 50000;
    rig_start(rig);
    DM_AUTO_ROW struct dm_row *row = see(rig, "copy/a.jpg");
    g_assert_true(fake_wait(rig_is_warm, rig, 10));
    g_assert_true(fake_wait(rig_is_idle, rig, 10));
    dm_ledger_save(rig->ledger, row); // it goes on growing
    DM_AUTO_ROW struct dm_row *other = see(rig, "copy/b.jpg");
    rig_rounds(rig);
    g_assert_true(rig_is_idle(rig));
    g_assert_cmpint(dm_ledger_number(rig->ledger, "job"), ==, 1);
    dm_ledger_move(rig->ledger, other, DM_FACT_SETTLED);
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    g_assert_true(fake_wait(rig_is_idle, rig, 10));
    DM_AUTO_ROW struct dm_row *third = see(rig, "copy/c.jpg"); // that was work: now early again
    g_assert_true(fake_wait(rig_is_warm, rig, 10));
    g_assert_cmpint(third->state, ==, DM_STATE_SEEN);
    g_assert_cmpint(dm_ledger_number(rig->ledger, "job"), ==, 3);
    rig_free(rig);
}

static void test_flat(void) {
    struct rig *rig = rig_new("");
    rig->config.flat = true;
    rig_start(rig);
    int64_t id = rig_add_ready(rig, "some/where/a.jpg");
    g_assert_true(fake_wait(rig_nothing_to_do, rig, 10));
    struct dm_row *row = rig_get(rig, id);
    g_assert_cmpstr(row->temp, ==, ".dropmill-1-1.tmp");
    dm_row_free(row);
    rig_free(rig);
}

static void test_config(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    g_assert_true(fake_wait(rig_is_idle, rig, 10));
    g_autofree char *deep = g_strnfill(100, 'r');
    g_autofree char *long_dir = rig_make_dir(rig->root, deep);
    struct dm_engine_config cases[] = {rig->config, rig->config, rig->config,
                                       rig->config, rig->config, rig->config};
    cases[0].settings.mpirun = (char *)"/nonexistent/mpirun";
    cases[1].worker = "/nonexistent/worker";
    cases[2].settings.hostfile = (char *)"/nonexistent/hosts";
    cases[3].runtime_dir = long_dir;
    cases[4].settings.network = (char *)"10.1.0.0";
    cases[5].settings.ports = (char *)"80-90";
    static const char *const words[] = {
        "mpirun: ",         "worker: ",      "hostfile: ", "runtime directory: ",
        "engine.network: ", "engine.ports: "};
    struct dm_wake wake = rig_wake(rig);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_engine_new(&cases[i], rig->ledger, &wake, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_true(g_str_has_prefix(error->message, words[i]));
    }
    dm_engine_free(NULL);
    rig_free(rig);
}

/** Whoever reaches a job on other hosts is its user: not root. */
static void test_hosts_as_root(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    struct dm_engine_config hosts = rig->config;
    hosts.settings.hostfile = (char *)"/dev/null";
    struct dm_wake wake = rig_wake(rig);
    for (int allowed = 0; allowed < 2; allowed++) {
        g_autoptr(GError) error = NULL;
        hosts.settings.hosts_as_root = allowed;
        struct dm_engine *engine = dm_engine_new(&hosts, rig->ledger, &wake, &error);
        g_assert_cmpint(engine != NULL, ==, geteuid() != 0 || allowed);
        g_assert_true(engine != NULL || strstr(error->message, "not for root") != NULL);
        dm_engine_free(engine);
    }
    g_assert_nonnull(strstr(rig_log->str, "can run commands as"));
    rig_free(rig);
}

/** dm_engine_free() in the middle of work. */
static void test_free_while_running(void) {
    struct rig *rig = rig_new("");
    rig_start(rig);
    rig_add_good(rig, 200);
    g_assert_true(fake_wait(rig_is_warm, rig, 10));
    rig_free(rig);
}

int main(int argc, char **argv) {
    rig_init(argc, argv);
    g_test_add_func("/engine/normal", test_normal);
    g_test_add_func("/engine/results", test_results);
    g_test_add_func("/engine/name-taken", test_name_taken);
    g_test_add_func("/engine/commit-first", test_commit_first);
    g_test_add_func("/engine/window", test_window);
    g_test_add_func("/engine/stale-first", test_stale_first);
    g_test_add_func("/engine/moved-on", test_moved_on);
    g_test_add_func("/engine/idle-ends", test_idle_ends);
    g_test_add_func("/engine/early", test_early);
    g_test_add_func("/engine/never-ready", test_never_ready);
    g_test_add_func("/engine/flat", test_flat);
    g_test_add_func("/engine/config", test_config);
    g_test_add_func("/engine/hosts-as-root", test_hosts_as_root);
    g_test_add_func("/engine/free-while-running", test_free_while_running);
    return rig_run();
}
