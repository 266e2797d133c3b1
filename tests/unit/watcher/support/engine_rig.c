// SPDX-License-Identifier: MIT
//
// See engine_rig.h.
#include "tests/unit/watcher/support/engine_rig.h"

#include "common/fsutil.h"
#include "watcher/own_network.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

GString *rig_log;

// Words for mpirun, so that there is one: see dm_launch_way().
static char *mpirun_args[] = {(char *)"--quiet", NULL};

// What the fake worker is told; see fake_job.h.
static const char *fake_args[] = {"--fake", "", NULL};

static void collect_log(const char *domain, GLogLevelFlags level, const char *message,
                        gpointer data) {
    (void)domain, (void)data;
    if ((level & G_LOG_LEVEL_MASK) < G_LOG_LEVEL_DEBUG) {
        g_string_append_printf(rig_log, "%s\n", message);
    }
}

static void wake_up(void *data) {
    ((struct rig *)data)->woken = true;
}

char *rig_make_dir(const char *root, const char *name) {
    char *path = g_build_filename(root, name, NULL);
    g_assert_cmpint(mkdir(path, 0700), ==, 0);
    return path;
}

struct dm_wake rig_wake(struct rig *rig) {
    return (struct dm_wake){wake_up, rig};
}

void rig_start(struct rig *rig) {
    struct dm_wake wake = rig_wake(rig);
    g_autoptr(GError) error = NULL;
    rig->ledger = dm_ledger_open(rig->ledger_path, false, &error);
    g_assert_no_error(error);
    rig->engine = dm_engine_new(&rig->config, rig->ledger, &wake, &error);
    g_assert_no_error(error);
}

void rig_stop(struct rig *rig) {
    dm_engine_free(rig->engine);
    dm_ledger_free(rig->ledger);
    rig->engine = NULL;
}

struct rig *rig_new(const char *fake) {
    g_string_truncate(rig_log, 0);
    fake_args[1] = fake;
    struct rig *rig = g_new0(struct rig, 1);
    rig->root = g_dir_make_tmp("dm-engine-XXXXXX", NULL);
    rig->runtime = rig_make_dir(rig->root, "run");
    rig->out = rig_make_dir(rig->root, "out");
    rig->mpirun = fake_mpirun_path(rig->root);
    rig->worker = fake_worker_path();
    rig->ledger_path = g_build_filename(rig->root, "ledger.db", NULL);
    rig->config = (struct dm_engine_config){
        .settings =
            {
                .mpirun = rig->mpirun,
                .hostfile = (char *)"",
                .network = (char *)"",
                .ports = (char *)"",
                .mpirun_args = mpirun_args,
                .idle_us = 60000000,
                .connect_us = 10000000,
                .batch_files = 40,
                .batch_bytes = 1000000,
                .limits.deadline_us = 60000000,
            },
        .worker = rig->worker,
        .worker_args = fake_args,
        .runtime_dir = rig->runtime,
        .input_root = rig->root,
        .output_root = rig->out,
    };
    return rig;
}

guint rig_count_sessions(struct rig *rig) {
    GDir *dir = g_dir_open(rig->runtime, 0, NULL);
    guint count = 0;
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        count += g_str_has_prefix(name, "session-") ? 1 : 0;
    }
    g_dir_close(dir);
    return count;
}

void rig_free(struct rig *rig) {
    rig_stop(rig);
    g_assert_cmpuint(rig_count_sessions(rig), ==, 0);
    dm_remove_tree(rig->root);
    g_free(rig->root);
    g_free(rig->runtime);
    g_free(rig->out);
    g_free(rig->mpirun);
    g_free(rig->worker);
    g_free(rig->ledger_path);
    g_free(rig);
}

int64_t rig_add_ready(struct rig *rig, const char *path) {
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
void rig_rounds(struct rig *rig) {
    do {
        rig->woken = false;
        clean_stale(rig);
        dm_engine_turn(rig->engine, g_get_monotonic_time());
        g_assert_true(dm_ledger_commit(rig->ledger, NULL));
        dm_engine_committed(rig->engine);
        rig->rounds++;
    } while (rig->woken);
}

int64_t rig_count(struct rig *rig, enum dm_state state) {
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(rig->ledger, counts);
    return counts[state];
}

bool rig_nothing_to_do(void *data) {
    struct rig *rig = data;
    rig_rounds(rig);
    return rig_count(rig, DM_STATE_READY) + rig_count(rig, DM_STATE_RUNNING) == 0;
}

bool rig_is_warm(void *data) {
    struct rig *rig = data;
    rig_rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "warm") == 0;
}

bool rig_is_idle(void *data) {
    struct rig *rig = data;
    rig_rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "idle") == 0;
}

bool rig_is_waiting(void *data) {
    struct rig *rig = data;
    rig_rounds(rig);
    struct dm_engine_status status;
    dm_engine_status(rig->engine, g_get_monotonic_time(), &status);
    return strcmp(status.state, "waiting") == 0;
}

struct dm_row *rig_get(struct rig *rig, int64_t id) {
    struct dm_row *row = dm_ledger_get(rig->ledger, id);
    g_assert_nonnull(row);
    return row;
}

void rig_add_good(struct rig *rig, int files) {
    for (int i = 0; i < files; i++) {
        g_autofree char *path = g_strdup_printf("copy/d%d/good-%d.jpg", i % 7, i);
        rig_add_ready(rig, path);
    }
}

void rig_init(int argc, char **argv) {
    int fake = fake_job_main(argc, argv);
    if (fake >= 0) {
        exit(fake);
    }
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    if (!dm_own_network_check(&error)) { // mpirun, though it is a fake, is put into one
        g_print("1..0 # SKIP %s\n", error->message);
        exit(0);
    }
    rig_log = g_string_new(NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK); // warnings are what some cases are about
    g_log_set_default_handler(collect_log, NULL);
}

int rig_run(void) {
    int code = g_test_run();
    g_string_free(rig_log, TRUE);
    return code;
}
