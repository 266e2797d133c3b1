// SPDX-License-Identifier: MIT
//
// The daemon: its rooms, how they come to their turns, and what of them is told. See daemon.h.
#include "watcher/daemon.h"

#include "common/error.h"
#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/config_sum.h"
#include "watcher/ledger/uploads.h"
#include "watcher/recipes.h"
#include "watcher/same_share.h"
#include "watcher/share/lock.h"
#include "watcher/status.h"
#include "watcher/store/store_open.h"
#include "watcher/worker_program.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

// The ledger is looked at so often: it has not been taken away?
#define LOOK_US (20 * G_USEC_PER_SEC)

// A look at the share's identity is good for so long.
#define RECHECK_US G_USEC_PER_SEC

void dm_daemon_init(struct dm_daemon *daemon) {
    *daemon = (struct dm_daemon){.lock_fd = -1};
}

// ---- turns

/** The turn of a room that needs nothing of the daemon. */
#define TURN(name)                                                                                 \
    static int64_t name##_turn(void *room, int64_t now_us) {                                       \
        return dm_##name##_turn(room, now_us);                                                     \
    }

TURN(share)
TURN(inbox)
TURN(gate)
TURN(orders)
TURN(outbox)
TURN(mirror)
TURN(s3_inbox)
TURN(expiry)
TURN(work_log)

/** Ranks are given nothing to do while the gate is shut, and are left alone on a share that is not
 * there. */
static int64_t engine_turn(void *data, int64_t now_us) {
    struct dm_daemon *daemon = data;
    dm_rate_note(&daemon->rate, dm_ledger_written(daemon->ledger, DM_STATE_PUBLISHED), now_us);
    enum dm_gate_reason reason = dm_gate_reason(daemon->gate);
    if (reason == DM_GATE_OFFLINE || !dm_share_is_online(daemon->share)) {
        return INT64_MAX;
    }
    dm_engine_hold(daemon->engine, reason != DM_GATE_OPEN);
    return dm_engine_turn(daemon->engine, now_us);
}

static void engine_committed(void *data) {
    dm_engine_committed(((const struct dm_daemon *)data)->engine);
}

static void outbox_committed(void *room) {
    dm_outbox_committed(room);
}

static void mirror_committed(void *room) {
    dm_mirror_committed(room);
}

static void s3_inbox_committed(void *room) {
    dm_s3_inbox_committed(room);
}

/** Notice when somebody takes the ledger away. */
static int64_t ledger_turn(void *data, int64_t now_us) {
    struct dm_daemon *daemon = data;
    if (now_us >= daemon->look_us) {
        dm_ledger_look(daemon->ledger);
        daemon->look_us = now_us + LOOK_US;
    }
    return daemon->look_us;
}

static int64_t manager_turn(void *manager, int64_t now_us) {
    return dm_service_manager_turn(manager, now_us);
}

static int on_share(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    struct dm_daemon *daemon = data;
    dm_share_dispatch(daemon->share, g_get_monotonic_time());
    dm_wake(&daemon->wake);
    return G_SOURCE_CONTINUE;
}

static int on_mirror(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    dm_mirror_dispatch(((const struct dm_daemon *)data)->mirror, g_get_monotonic_time());
    return G_SOURCE_CONTINUE;
}

static int on_s3_inbox(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    dm_s3_inbox_dispatch(((const struct dm_daemon *)data)->s3_inbox, g_get_monotonic_time());
    return G_SOURCE_CONTINUE;
}

static int on_signal(void *data) {
    struct dm_daemon *daemon = data;
    dm_log_message("stopping");
    dm_service_manager_stopping(daemon->manager);
    daemon->begins_anew = false;
    dm_turns_quit(daemon->turns);
    return G_SOURCE_CONTINUE;
}

// ---- what is told

/** What the service manager is told that we are doing. */
static char *service_words(void *data) {
    const struct dm_daemon *daemon = data;
    const char *ground = dm_ledger_ground_words(daemon->ground);
    if (*ground != '\0') {
        return g_strdup_printf("The ledger waits: %s", ground);
    }
    struct dm_share_status share;
    int64_t counts[DM_STATE_COUNT];
    dm_share_status(daemon->share, g_get_monotonic_time(), &share);
    dm_ledger_count(daemon->ledger, counts);
    return dm_status_line(daemon->places->share, &share, counts);
}

// ---- building the rooms

/** A share that is read-only can be watched if nothing has to be moved in it. */
static bool lock_share(struct dm_daemon *daemon, GError **error) {
    bool leave = daemon->config->outbox.keep_us == DM_KEEP_LEAVE;
    g_autofree char *state_dir = g_path_get_dirname(daemon->places->ledger);
    daemon->lock_fd = dm_share_lock(daemon->places->share, leave ? state_dir : NULL,
                                    &daemon->is_read_only, error);
    return daemon->lock_fd >= 0;
}

static bool find_places(struct dm_daemon *daemon, GError **error) {
    daemon->places = dm_places_find(daemon->config, error);
    if (daemon->places == NULL) {
        return false;
    }
    g_autofree char *state_dir = g_path_get_dirname(daemon->places->ledger);
    daemon->ground = dm_ledger_ground_new(state_dir);
    dm_ledger_ground_await(state_dir, false);
    if (!dm_places_make(daemon->places, error)) {
        return false;
    }
    daemon->inbox_root = dm_path_join(daemon->places->share, DM_DIR_INBOX);
    daemon->outbox_root = dm_path_join(daemon->places->share, DM_DIR_OUTBOX);
    return lock_share(daemon, error);
}

bool dm_daemon_read_worker(struct dm_daemon *daemon, GError **error) {
    daemon->worker = dm_find_worker(daemon->config, error);
    if (daemon->worker == NULL) {
        return false;
    }
    daemon->catalogue =
        dm_read_catalogue(daemon->worker, (const char *const *)daemon->config->worker_args, error);
    return daemon->catalogue != NULL && dm_recipes_check(daemon->catalogue, daemon->config->recipes,
                                                         daemon->config->origins, error);
}

bool dm_daemon_check_store(const struct dm_daemon *daemon, GError **error) {
    if (!dm_store_is_named(&daemon->config->store)) {
        return true;
    }
    struct dm_store *store = dm_store_open(&daemon->config->store, error);
    dm_store_free(store);
    return store != NULL;
}

/** What is configured and does not work. It fails tasks, not the daemon. */
static void warn_of_troubles(const struct dm_daemon *daemon) {
    g_autofree char *troubles = dm_catalogue_troubles(daemon->catalogue);
    g_auto(GStrv) lines = g_strsplit(troubles != NULL ? troubles : "", "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_warning("%s; what needs it will fail", *line);
    }
}

static bool build_gate(struct dm_daemon *daemon, GError **error) {
    const struct dm_gate_config gate = {
        .ledger = daemon->ledger,
        .share = daemon->share,
        .wake = daemon->wake,
        .quiet_hours = daemon->config->work.quiet_hours,
        .min_free_bytes = daemon->config->work.min_free_bytes,
    };
    daemon->gate = dm_gate_new(&gate, error);
    return daemon->gate != NULL;
}

static void look_into_inbox(void *data) {
    dm_inbox_sweep(((const struct dm_daemon *)data)->inbox);
}

static void build_orders(struct dm_daemon *daemon) {
    const struct dm_orders_config orders = {
        .ledger = daemon->ledger,
        .share = daemon->share,
        .wake = daemon->wake,
        .leave = daemon->config->outbox.keep_us == DM_KEEP_LEAVE,
        .look = {look_into_inbox, daemon},
    };
    daemon->orders = dm_orders_new(&orders);
}

static void build_inbox(struct dm_daemon *daemon) {
    const struct dm_config *config = daemon->config;
    const struct dm_inbox_config inbox = {
        .catalogue = daemon->catalogue,
        .recipes = config->recipes,
        .settings = config->inbox,
        .leave = config->outbox.keep_us == DM_KEEP_LEAVE,
    };
    daemon->inbox = dm_inbox_new(&inbox, daemon->ledger, daemon->share, &daemon->wake);
}

static bool build_engine(struct dm_daemon *daemon, GError **error) {
    const struct dm_engine_config engine = {
        .settings = daemon->config->engine,
        .worker = daemon->worker,
        .worker_args = (const char *const *)daemon->config->worker_args,
        .runtime_dir = daemon->places->runtime_dir,
        .input_root = daemon->inbox_root,
        .output_root = daemon->outbox_root,
        .input_mark = dm_share_room_mark(daemon->share, DM_SHARE_INBOX),
        .output_mark = dm_share_room_mark(daemon->share, DM_SHARE_OUTBOX),
        .file_mode = dm_config_is_for_everyone(daemon->config) ? 0664 : 0660,
        .retry_us = daemon->config->outbox.retry_us,
        .share = daemon->share,
    };
    daemon->engine = dm_engine_new(&engine, daemon->ledger, &daemon->wake, error);
    return daemon->engine != NULL;
}

static void build_outbox(struct dm_daemon *daemon) {
    const struct dm_outbox_config outbox = {
        .catalogue = daemon->catalogue,
        .settings = daemon->config->outbox,
    };
    daemon->outbox = dm_outbox_new(&outbox, daemon->ledger, daemon->share, &daemon->wake);
}

static void build_expiry(struct dm_daemon *daemon) {
    const struct dm_config *config = daemon->config;
    const struct dm_expiry_config expiry = {
        .ledger = daemon->ledger,
        .share = daemon->share,
        .wake = daemon->wake,
        .keep_us = config->history.keep_us,
        .leave = config->outbox.keep_us == DM_KEEP_LEAVE,
        .mirror_deletes = daemon->mirror != NULL && strcmp(config->mirror.deletes, "mirror") == 0,
        .now_us = g_get_monotonic_time(),
    };
    daemon->expiry = dm_expiry_new(&expiry);
}

static bool build_mirror(struct dm_daemon *daemon, GError **error) {
    if (!dm_store_is_named(&daemon->config->store)) {
        dm_ledger_mirror(daemon->ledger, false, false);
        return true;
    }
    const struct dm_mirror_config mirror = {
        .settings = &daemon->config->mirror,
        .store = dm_store_open(&daemon->config->store, error),
        .now_us = g_get_monotonic_time(),
    };
    if (mirror.store != NULL) {
        daemon->mirror =
            dm_mirror_new(&mirror, daemon->ledger, daemon->share, &daemon->wake, error);
    }
    return daemon->mirror != NULL;
}

/** What the S3 inbox asks of the rooms beside it. */
static char *inbox_objection(const char *path, void *data) {
    return dm_inbox_objection(((const struct dm_daemon *)data)->inbox, path);
}

static char *result_key(const char *output, void *data) {
    return dm_mirror_key(((const struct dm_daemon *)data)->mirror, output);
}

/** It has a store and a thread of its own, in the same bucket as the mirror. */
static bool build_s3_inbox(struct dm_daemon *daemon, GError **error) {
    const struct dm_s3_inbox_config s3_inbox = {
        .settings = &daemon->config->s3_inbox,
        .share_id = daemon->places->share_id,
        .results_prefix = daemon->config->mirror.prefix,
        .objection = inbox_objection,
        .result_key = result_key,
        .data = daemon,
    };
    if (*s3_inbox.settings->prefix == '\0') {
        return true;
    }
    struct dm_store *store = dm_store_open(&daemon->config->store, error);
    if (store != NULL) {
        daemon->s3_inbox =
            dm_s3_inbox_new(&s3_inbox, store, daemon->ledger, daemon->share, &daemon->wake, error);
    }
    return daemon->s3_inbox != NULL;
}

#define IN(state) (1u << DM_STATE_##state)

/**
 * In the order of the stream: what the inbox has proved finished is dispatched in the same turn,
 * and one transaction takes both. (The outbox first costs a file that comes alone one turn more.)
 */
static void add_rooms(struct dm_daemon *daemon) {
    const struct dm_turns_room rooms[] = {
        {.name = "share", .turn = share_turn, .room = daemon->share, .only_reads = true},
        {.name = "gate", .turn = gate_turn, .room = daemon->gate},
        {.name = "orders", .turn = orders_turn, .room = daemon->orders},
        {.name = "inbox", .turn = inbox_turn, .room = daemon->inbox, .states = IN(SEEN)},
        {.name = "engine",
         .turn = engine_turn,
         .committed = engine_committed,
         .room = daemon,
         .states = IN(READY)},
        {.name = "outbox",
         .turn = outbox_turn,
         .committed = outbox_committed,
         .room = daemon->outbox,
         .states = IN(COMPUTED) | IN(PUBLISHED) | IN(FAILED) | IN(PARKED)},
        {.name = "ledger", .turn = ledger_turn, .room = daemon},
        {.name = "work log", .turn = work_log_turn, .room = daemon->work_log},
        {.name = "expiry", .turn = expiry_turn, .room = daemon->expiry},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        dm_turns_add(daemon->turns, &rooms[i]);
    }
    if (daemon->mirror != NULL) { // behind the outbox: its rows are of the same transaction
        const struct dm_turns_room mirror = {.name = "mirror",
                                             .turn = mirror_turn,
                                             .committed = mirror_committed,
                                             .room = daemon->mirror};
        dm_turns_add(daemon->turns, &mirror);
    }
    if (daemon->s3_inbox != NULL) {
        const struct dm_turns_room s3_inbox = {.name = "S3 inbox",
                                               .turn = s3_inbox_turn,
                                               .committed = s3_inbox_committed,
                                               .room = daemon->s3_inbox};
        dm_turns_add(daemon->turns, &s3_inbox);
    }
    daemon->manager = dm_service_manager_new(service_words, daemon);
    if (daemon->manager != NULL) { // last: it is told what all have done
        const struct dm_turns_room manager = {.name = "service manager",
                                              .turn = manager_turn,
                                              .room = daemon->manager,
                                              .only_reads = true};
        dm_turns_add(daemon->turns, &manager);
    }
}

/** Say whether the open share is ours: locked by us, and the one that the ledger is of. */
static bool take_share(struct dm_daemon *daemon, GError **error) {
    if (!daemon->is_read_only) {
        if (!dm_share_guard_lock(daemon->share, daemon->lock_fd, error)) {
            return false;
        }
        daemon->lock_fd = -1; // the share's
    }
    return dm_same_share(daemon->ledger, daemon->share, daemon->moved, error) &&
           dm_places_remember(daemon->places, error);
}

static bool build_rooms(struct dm_daemon *daemon, GError **error) {
    warn_of_troubles(daemon);
    daemon->ledger = dm_ledger_open(daemon->places->ledger, false, error);
    if (daemon->ledger == NULL) {
        return false;
    }
    daemon->counts =
        dm_metrics_counts_new(daemon->ledger, daemon->catalogue, daemon->config->recipes);
    daemon->work_log = dm_work_log_new(daemon->ledger, daemon->counts);
    daemon->turns = dm_turns_new(daemon->ledger);
    dm_turns_hold(daemon->turns, dm_ledger_ground_is_bad, daemon->ground);
    daemon->wake = dm_turns_wake(daemon->turns);
    daemon->share = dm_share_open(daemon->places->meant, RECHECK_US, error);
    if (daemon->share == NULL || !take_share(daemon, error) || !build_gate(daemon, error) ||
        !build_engine(daemon, error) || !build_mirror(daemon, error) ||
        !build_s3_inbox(daemon, error)) {
        return false;
    }
    build_orders(daemon);
    build_inbox(daemon);
    build_outbox(daemon);
    build_expiry(daemon);
    add_rooms(daemon);
    return true;
}

bool dm_daemon_build(struct dm_daemon *daemon, GError **error) {
    daemon->config_sum = dm_config_sum(daemon->config);
    return find_places(daemon, error) && dm_daemon_read_worker(daemon, error) &&
           build_rooms(daemon, error);
}

/** The share first: it finishes its jobs, a rename under way say, while the rooms still stand. */
void dm_daemon_clear(struct dm_daemon *daemon, GError **error) {
    dm_service_manager_free(daemon->manager, daemon->begins_anew || daemon->ledger_failed);
    dm_metrics_file_free(daemon->metrics_file);
    g_free(daemon->refused);
    g_free(daemon->config_sum);
    bool stopped = dm_share_stop(daemon->share);
    dm_engine_free(daemon->engine);
    if (stopped) { // what has ended is taken in, for the last commit
        dm_mirror_free(daemon->mirror);
        dm_s3_inbox_free(daemon->s3_inbox);
    }
    dm_notices_stop(daemon->notices);
    if (daemon->ledger != NULL && *error == NULL) {
        dm_ledger_commit(daemon->ledger, error);
    }
    if (!stopped) {
        dm_ledger_free(daemon->ledger);
        return; // all else is still needed, to the end of this process
    }
    dm_orders_free(daemon->orders);
    dm_gate_free(daemon->gate);
    dm_inbox_free(daemon->inbox);
    dm_outbox_free(daemon->outbox);
    dm_expiry_free(daemon->expiry);
    dm_share_free(daemon->share);
    dm_work_log_free(daemon->work_log);
    dm_notices_free(daemon->notices);
    dm_metrics_counts_free(daemon->counts);
    dm_ledger_free(daemon->ledger);
    dm_turns_free(daemon->turns);
    dm_ledger_ground_free(daemon->ground);
    if (daemon->lock_fd >= 0) {
        close(daemon->lock_fd);
    }
    dm_catalogue_free(daemon->catalogue);
    dm_places_free(daemon->places);
    dm_config_free(daemon->config);
    g_free(daemon->worker);
    g_free(daemon->inbox_root);
    g_free(daemon->outbox_root);
}

/** Who runs where, as what, and how it differs from what it is without a configuration. */
static void tell_start(const struct dm_daemon *daemon) {
    g_autofree char *changes = dm_config_print_changes(daemon->config);
    dm_log_message("dropmilld " DM_VERSION " runs as the user %s", g_get_user_name());
    dm_log_message("settings that differ from the defaults: %s", *changes ? changes : "none");
    dm_log_event(DM_EVENT_WATCHING, DM_LOG_MESSAGE, "watching %s", daemon->places->share);
}

// ---- running

bool dm_daemon_run(struct dm_daemon *daemon, GError **error) {
    g_unix_fd_add(dm_share_fd(daemon->share), G_IO_IN, on_share, daemon);
    if (daemon->mirror != NULL) {
        g_unix_fd_add(dm_mirror_fd(daemon->mirror), G_IO_IN, on_mirror, daemon);
    }
    if (daemon->s3_inbox != NULL) {
        g_unix_fd_add(dm_s3_inbox_fd(daemon->s3_inbox), G_IO_IN, on_s3_inbox, daemon);
    }
    g_unix_signal_add(SIGTERM, on_signal, daemon);
    g_unix_signal_add(SIGINT, on_signal, daemon);
    tell_start(daemon);
    dm_service_manager_ready(daemon->manager);
    bool ended = dm_turns_run(daemon->turns, error);
    daemon->ledger_failed = !ended && g_error_matches(*error, DM_ERROR, DM_ERROR_TRANSIENT);
    return ended;
}
