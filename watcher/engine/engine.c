// SPDX-License-Identifier: MIT
//
// The engine's interface: checks, leftovers, two runners. The work is in runner.c.
#include "watcher/engine/engine.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/line_socket.h"
#include "common/log.h"
#include "watcher/engine/choice.h"
#include "watcher/engine/launch.h"
#include "watcher/engine/reaper.h"
#include "watcher/engine/runner.h"
#include "watcher/engine/seats.h"
#include "watcher/engine/session.h"
#include "watcher/own_network.h"

#include <string.h>
#include <unistd.h>

#define SESSION_PREFIX "session-"
#define PATIENCE_US INT64_C(5000000) // with ranks of an earlier watcher
#define RETRY_US INT64_C(30000000)   // unless configured

struct dm_engine {
    struct dm_runner_shared shared;
    struct dm_runner *normal;
    struct dm_runner *suspects;
    // Of struct dm_reaper, one a job.
    GPtrArray *leftovers;
    // How many of them are not gone yet.
    guint waiting;
};

// ---- what an earlier watcher left behind

/** Its rows have no rank any more: give them back. */
static void recover_rows(struct dm_engine *engine) {
    const struct dm_query query = {.states = 1u << DM_STATE_RUNNING};
    g_autoptr(GPtrArray) rows = dm_ledger_list(engine->shared.ledger, &query);
    for (guint i = 0; i < rows->len; i++) {
        dm_ledger_move(engine->shared.ledger, rows->pdata[i], DM_FACT_LOST);
    }
    if (rows->len > 0) {
        dm_log_message("%u files were being processed when the last run ended, will retry them",
                       rows->len);
    }
}

static void on_leftover_gone(void *data) {
    struct dm_engine *engine = data;
    if (--engine->waiting == 0) {
        recover_rows(engine);
        dm_wake(&engine->shared.wake);
    }
}

static void find_leftovers(struct dm_engine *engine) {
    const char *runtime_dir = engine->shared.config.runtime_dir;
    GDir *dir = g_dir_open(runtime_dir, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_prefix(name, SESSION_PREFIX)) {
            g_autofree char *path = g_build_filename(runtime_dir, name, NULL);
            g_ptr_array_add(
                engine->leftovers,
                dm_reaper_new(path, PATIENCE_US, g_get_monotonic_time(), on_leftover_gone, engine));
        }
    }
    if (dir != NULL) {
        g_dir_close(dir);
    }
    engine->waiting = engine->leftovers->len;
    if (engine->waiting == 0) {
        recover_rows(engine);
    }
}

static void free_reaper(void *reaper) {
    dm_reaper_free(reaper);
}

// ---- checks and choices

bool dm_engine_wants_own_network(const struct dm_engine_settings *settings) {
    return dm_choice_way(settings) == DM_LAUNCH_HERE;
}

/** What jobs that mpirun starts need. Suspects, one rank here, need none. */
static bool check_mpirun(const struct dm_engine_settings *settings, const char *mpirun,
                         GError **error) {
    enum dm_launch_way way = dm_choice_way(settings);
    if (mpirun == NULL && way != DM_LAUNCH_ALONE) {
        return dm_fail(error, DM_ERROR_CONFIG, "mpirun: '%s' is not there, expected Open MPI's",
                       settings->mpirun);
    }
    return way != DM_LAUNCH_HERE || dm_own_network_check(error);
}

/** Whoever reaches the ports of mpirun runs commands as our user. */
static bool check_hosts(const struct dm_engine_settings *settings, GError **error) {
    struct dm_ports ports;
    if (!dm_launch_check_network(settings->network, error) ||
        !dm_launch_ports(settings->ports, &ports, error)) {
        return false;
    }
    if (*settings->hostfile != '\0' && !g_file_test(settings->hostfile, G_FILE_TEST_EXISTS)) {
        return dm_fail(error, DM_ERROR_CONFIG, "hostfile: '%s' is not there", settings->hostfile);
    }
    if (dm_choice_is_remote(settings) && geteuid() == 0 && !settings->hosts_as_root) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "engine: other hosts are not for root, since whoever reaches the ports of "
                       "mpirun runs commands as its user; run as a user, or set "
                       "engine.hosts_as_root where nobody else can reach them");
    }
    return true;
}

bool dm_engine_check(const struct dm_engine_settings *settings, GError **error) {
    g_autofree char *mpirun = dm_choice_mpirun(settings);
    return check_mpirun(settings, mpirun, error) && check_hosts(settings, error);
}

static bool check(const struct dm_engine_config *config, const char *mpirun, GError **error) {
    if (!check_mpirun(&config->settings, mpirun, error) || !check_hosts(&config->settings, error)) {
        return false;
    }
    if (!g_file_test(config->worker, G_FILE_TEST_IS_EXECUTABLE)) {
        return dm_fail(error, DM_ERROR_CONFIG, "worker: '%s' is not there or no program",
                       config->worker);
    }
    // Job numbers only grow: leave room for as many as there will ever be.
    g_autofree char *dir = g_build_filename(config->runtime_dir, SESSION_PREFIX "9999999999", NULL);
    g_autofree char *socket = dm_session_socket(dir);
    return dm_line_socket_check_path(socket, error);
}

/** What the administrator must know of how jobs are started. */
static void tell_way(const struct dm_engine_settings *settings, const char *mpirun) {
    enum dm_launch_way way = dm_choice_way(settings);
    if (way != DM_LAUNCH_ALONE) {
        dm_log_message("jobs are started by %s", mpirun);
    }
    if (way == DM_LAUNCH_HOSTS) {
        dm_log_warning(
            "jobs on other hosts listen on %s%s, ports %s, and ask for no password: "
            "whoever can connect to them can run commands as this user; let nobody into that "
            "network whom you would not give this account, see dropmill-security(7)",
            *settings->network != '\0' ? "the network " : "every network", settings->network,
            *settings->ports != '\0' ? settings->ports : "any");
    }
}

static bool is_on_network(const char *path) {
    int fd = dm_open_root(path, NULL);
    bool network = fd >= 0 && dm_is_network_fs(fd);
    if (fd >= 0) {
        close(fd);
    }
    return network;
}

static void make_runners(struct dm_engine *engine) {
    const struct dm_engine_settings *settings = &engine->shared.config.settings;
    struct dm_shape shape = dm_choice_shape(settings);
    struct dm_shape alone = {.ranks = 1, .threads = 1, .memory_bytes = shape.memory_bytes};
    enum dm_launch_way way = dm_launch_way(settings, dm_choice_is_remote(settings), shape.ranks);
    engine->normal = dm_runner_new(&engine->shared, &shape, false, way);
    engine->suspects = dm_runner_new(&engine->shared, &alone, true, DM_LAUNCH_ALONE);
}

// ---- the interface

struct dm_engine *dm_engine_new(const struct dm_engine_config *config, struct dm_ledger *ledger,
                                const struct dm_wake *wake, GError **error) {
    g_autofree char *mpirun = dm_choice_mpirun(&config->settings);
    if (!check(config, mpirun, error)) {
        return NULL;
    }
    tell_way(&config->settings, mpirun);
    struct dm_engine *engine = g_new(struct dm_engine, 1);
    *engine = (struct dm_engine){
        .shared =
            {
                .config = *config,
                .ledger = ledger,
                .wake = *wake,
                .env = g_get_environ(),
                .mpirun = g_steal_pointer(&mpirun),
                .as_root = geteuid() == 0,
                .sync = is_on_network(config->output_root),
                .in_flight = dm_in_flight_new(),
                .refusals = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                .known = dm_known_work_new(),
            },
        .leftovers = g_ptr_array_new_with_free_func(free_reaper),
    };
    if (config->retry_us == 0) {
        engine->shared.config.retry_us = RETRY_US;
    }
    if (engine->shared.as_root) {
        dm_log_warning("running as root, and so will the workers; better run as a user");
    }
    make_runners(engine);
    find_leftovers(engine);
    return engine;
}

void dm_engine_free(struct dm_engine *engine) {
    if (engine == NULL) {
        return;
    }
    g_ptr_array_unref(engine->leftovers);
    dm_runner_free(engine->normal);
    dm_runner_free(engine->suspects);
    dm_in_flight_free(engine->shared.in_flight);
    g_hash_table_unref(engine->shared.refusals);
    dm_known_work_free(engine->shared.known);
    g_strfreev(engine->shared.env);
    g_free(engine->shared.mpirun);
    g_free(engine);
}

int64_t dm_engine_turn(struct dm_engine *engine, int64_t now_us) {
    if (engine->waiting > 0) {
        return INT64_MAX;
    }
    int64_t normal_us = dm_runner_turn(engine->normal, now_us);
    return MIN(normal_us, dm_runner_turn(engine->suspects, now_us));
}

void dm_engine_hold(struct dm_engine *engine, bool held) {
    engine->shared.held = held;
}

void dm_engine_committed(struct dm_engine *engine) {
    dm_runner_committed(engine->normal);
    dm_runner_committed(engine->suspects);
}

void dm_engine_status(const struct dm_engine *engine, int64_t now_us,
                      struct dm_engine_status *ret) {
    dm_runner_status(engine->normal, now_us, ret);
    if (strcmp(ret->state, "idle") == 0) { // perhaps the other runner has something to tell
        dm_runner_status(engine->suspects, now_us, ret);
    }
    if (engine->waiting > 0) {
        ret->state = "starting";
    }
    ret->in_flight = dm_in_flight_count(engine->shared.in_flight);
    ret->deaths = engine->shared.deaths;
    ret->decoder_deaths = engine->shared.decoder_deaths;
}

static int compare_hosts(const void *a, const void *b) {
    const struct dm_engine_host *const *host_a = a, *const *host_b = b;
    return strcmp((*host_a)->name, (*host_b)->name);
}

GPtrArray *dm_engine_hosts(const struct dm_engine *engine, int64_t now_us) {
    GPtrArray *hosts = g_ptr_array_new_with_free_func((GDestroyNotify)dm_engine_host_free);
    dm_runner_hosts(engine->normal, now_us, hosts);
    dm_runner_hosts(engine->suspects, now_us, hosts);
    g_ptr_array_sort(hosts, compare_hosts);
    return hosts;
}
