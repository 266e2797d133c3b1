// SPDX-License-Identifier: MIT
//
// dropmilld: the map of the program.
//
//   config.c          what is configured: a table of keys that writes into the rooms' settings
//   places.c          where the share and its ledger are; known_shares.c: where they were last
//   same_share.c      is the share the one that the ledger is of?
//   worker_program.c  where the worker is, and what it can do; recipes.c: the names given to chains
//   child.c           a process that works for us, own_network.c: where; link.c: the lines to and from it
//   ledger/           the one memory: rows and what may happen to them
//   share/            the tree that people see: is it there? all file work on it
//   inbox/            notices what was dropped, proves it finished        SEEN -> READY
//   engine/           batches, MPI jobs, results                          READY -> COMPUTED, FAILED
//   outbox/           publishes, retires originals, writes notes          COMPUTED -> DONE
//   store/            a bucket of S3, or a directory, if one is named
//   mirror/           puts results into it                                upload rows -> synced
//   s3_inbox/         takes objects out of it, and answers them           arrival rows -> answered
//   status.c          all that can be told of this; control.c: the socket that `dropmill` asks
//   turns.c           gives every room its turn, then commits
//   dropmilld.c       builds the rooms and has turns until it is told to stop
//
// A star: rooms know the ledger and not each other; turns.h says how they come to their turns.
#include "common/error.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/config.h"
#include "watcher/control.h"
#include "watcher/engine/engine.h"
#include "watcher/inbox/inbox.h"
#include "watcher/ledger/ledger.h"
#include "watcher/ledger/uploads.h"
#include "watcher/mirror/mirror.h"
#include "watcher/outbox/outbox.h"
#include "watcher/places.h"
#include "watcher/recipes.h"
#include "watcher/s3_inbox/s3_inbox.h"
#include "watcher/same_share.h"
#include "watcher/share/lock.h"
#include "watcher/share/share.h"
#include "watcher/status.h"
#include "watcher/store/store_open.h"
#include "watcher/turns.h"
#include "watcher/worker_program.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

// The ledger is looked at so often: it has not been taken away?
#define LOOK_US (20 * G_USEC_PER_SEC)

#define EXPIRE_US (INT64_C(3600) * G_USEC_PER_SEC)

// A look at the share's identity is good for so long.
#define RECHECK_US G_USEC_PER_SEC

struct daemon {
    struct dm_config *config;
    struct dm_places *places;
    struct dm_catalogue *catalogue;
    char *worker, *inbox_root, *outbox_root;
    int lock_fd;
    // The share is: its lock is elsewhere.
    bool is_read_only;

    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_inbox *inbox;
    struct dm_engine *engine;
    struct dm_outbox *outbox;
    // NULL: none is configured.
    struct dm_mirror *mirror;
    // NULL: no prefix is configured.
    struct dm_s3_inbox *s3_inbox;
    struct dm_control *control;

    struct dm_turns *turns;
    // Asks for a turn.
    struct dm_wake wake;
    // When history is to be forgotten next.
    int64_t expire_us;
    // When the ledger is to be looked at next.
    int64_t look_us;
    // The administrator says that the share is the same, though it looks like another.
    bool moved;
};

// ---- turns

static int64_t share_turn(void *share, int64_t now_us) {
    return dm_share_turn(share, now_us);
}

static int64_t inbox_turn(void *room, int64_t now_us) {
    return dm_inbox_turn(room, now_us);
}

/** Ranks are given nothing to do on a share that is not there. */
static int64_t engine_turn(void *data, int64_t now_us) {
    const struct daemon *daemon = data;
    return dm_share_is_online(daemon->share) ? dm_engine_turn(daemon->engine, now_us) : INT64_MAX;
}

static void engine_committed(void *data) {
    dm_engine_committed(((const struct daemon *)data)->engine);
}

static int64_t outbox_turn(void *room, int64_t now_us) {
    return dm_outbox_turn(room, now_us);
}

static void outbox_committed(void *room) {
    dm_outbox_committed(room);
}

static int64_t mirror_turn(void *room, int64_t now_us) {
    return dm_mirror_turn(room, now_us);
}

static void mirror_committed(void *room) {
    dm_mirror_committed(room);
}

static int64_t s3_inbox_turn(void *room, int64_t now_us) {
    return dm_s3_inbox_turn(room, now_us);
}

static void s3_inbox_committed(void *room) {
    dm_s3_inbox_committed(room);
}

/** Forget, now and then, what is older than people want to know. */
static int64_t history_turn(void *data, int64_t now_us) {
    struct daemon *daemon = data;
    if (daemon->config->history.keep_us == INT64_MAX) {
        return INT64_MAX;
    }
    if (now_us >= daemon->expire_us) {
        bool files = daemon->config->outbox.keep_us != DM_KEEP_LEAVE; // else they would be new
        dm_ledger_expire(daemon->ledger, g_get_real_time() - daemon->config->history.keep_us,
                         files);
        daemon->expire_us = now_us + EXPIRE_US;
    }
    return daemon->expire_us;
}

/** Notice when somebody takes the ledger away. */
static int64_t ledger_turn(void *data, int64_t now_us) {
    struct daemon *daemon = data;
    if (now_us >= daemon->look_us) {
        dm_ledger_look(daemon->ledger);
        daemon->look_us = now_us + LOOK_US;
    }
    return daemon->look_us;
}

static int on_share(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    struct daemon *daemon = data;
    dm_share_dispatch(daemon->share, g_get_monotonic_time());
    dm_wake(&daemon->wake);
    return G_SOURCE_CONTINUE;
}

static int on_mirror(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    dm_mirror_dispatch(((const struct daemon *)data)->mirror, g_get_monotonic_time());
    return G_SOURCE_CONTINUE;
}

static int on_s3_inbox(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    dm_s3_inbox_dispatch(((const struct daemon *)data)->s3_inbox, g_get_monotonic_time());
    return G_SOURCE_CONTINUE;
}

static int on_signal(void *data) {
    struct daemon *daemon = data;
    dm_log_message("stopping");
    dm_turns_quit(daemon->turns);
    return G_SOURCE_CONTINUE;
}

// ---- what `dropmill status` asks

static char *answer_status(const struct daemon *daemon) {
    struct dm_daemon_status status = {
        .pid = getpid(),
        .version = DM_VERSION,
        .turns = dm_turns_count(daemon->turns),
        .io_trips = dm_share_trips(daemon->share),
    };
    dm_ledger_stats(daemon->ledger, &status.ledger);
    dm_share_status(daemon->share, g_get_monotonic_time(), &status.share);
    dm_inbox_status(daemon->inbox, &status.inbox);
    dm_engine_status(daemon->engine, g_get_monotonic_time(), &status.engine);
    dm_mirror_status(daemon->mirror, g_get_monotonic_time(), &status.mirror);
    dm_s3_inbox_status(daemon->s3_inbox, g_get_monotonic_time(), &status.s3_inbox);
    return dm_status_write(&status);
}

/** "retry", "retry PATH", "queue PATH": paths are escaped. NULL: there is no such request. */
static char *answer_mirror(struct daemon *daemon, const char *request) {
    const char *blank = strchr(request, ' ');
    g_autofree char *path = blank != NULL ? dm_unescape(blank + 1, strlen(blank + 1)) : NULL;
    if (strcmp(request, "retry") == 0 || (g_str_has_prefix(request, "retry ") && path != NULL)) {
        int64_t count = dm_mirror_retry(daemon->mirror, path);
        return g_strdup_printf("%" G_GINT64_FORMAT "\n", count);
    }
    if (g_str_has_prefix(request, "queue ") && path != NULL) {
        dm_mirror_queue(daemon->mirror, path);
        return g_strdup("ok\n");
    }
    return NULL;
}

static char *answer_control(const char *request, void *data) {
    struct daemon *daemon = data;
    if (strcmp(request, "status") == 0) {
        return answer_status(daemon);
    }
    if (strcmp(request, "sweep") == 0) {
        dm_inbox_sweep(daemon->inbox);
        if (daemon->s3_inbox != NULL) {
            dm_s3_inbox_hurry(daemon->s3_inbox);
        }
        return g_strdup("ok\n");
    }
    if (daemon->mirror != NULL && g_str_has_prefix(request, "mirror ")) {
        return answer_mirror(daemon, request + strlen("mirror "));
    }
    return NULL;
}

// ---- building the rooms

/** A share that is read-only can be watched if nothing has to be moved in it. */
static bool lock_share(struct daemon *daemon, GError **error) {
    bool leave = daemon->config->outbox.keep_us == DM_KEEP_LEAVE;
    g_autofree char *state_dir = g_path_get_dirname(daemon->places->ledger);
    daemon->lock_fd = dm_share_lock(daemon->places->share, leave ? state_dir : NULL,
                                    &daemon->is_read_only, error);
    return daemon->lock_fd >= 0;
}

static bool find_places(struct daemon *daemon, const char *share, GError **error) {
    daemon->places = dm_places_find(daemon->config, share, error);
    if (daemon->places == NULL || !dm_places_make(daemon->places, error)) {
        return false;
    }
    daemon->inbox_root = dm_path_join(daemon->places->share, DM_DIR_INBOX);
    daemon->outbox_root = dm_path_join(daemon->places->share, DM_DIR_OUTBOX);
    return lock_share(daemon, error);
}

static bool read_worker(struct daemon *daemon, GError **error) {
    daemon->worker = dm_find_worker(daemon->config, error);
    if (daemon->worker == NULL) {
        return false;
    }
    daemon->catalogue =
        dm_read_catalogue(daemon->worker, (const char *const *)daemon->config->worker_args, error);
    return daemon->catalogue != NULL &&
           dm_recipes_check(daemon->catalogue, daemon->config->recipes, error);
}

/** What is configured and does not work. It fails tasks, not the daemon. */
static void warn_of_troubles(const struct daemon *daemon) {
    g_autofree char *troubles = dm_catalogue_troubles(daemon->catalogue);
    g_auto(GStrv) lines = g_strsplit(troubles != NULL ? troubles : "", "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_warning("%s; what needs it will fail", *line);
    }
}

static bool refuse_troubles(const struct daemon *daemon, GError **error) {
    g_autofree char *troubles = dm_catalogue_troubles(daemon->catalogue);
    return troubles == NULL || dm_fail(error, DM_ERROR_CONFIG, "%s", troubles);
}

static void build_inbox(struct daemon *daemon) {
    const struct dm_config *config = daemon->config;
    const struct dm_inbox_config inbox = {
        .catalogue = daemon->catalogue,
        .recipes = config->recipes,
        .settings = config->inbox,
        .leave = config->outbox.keep_us == DM_KEEP_LEAVE,
    };
    daemon->inbox = dm_inbox_new(&inbox, daemon->ledger, daemon->share, &daemon->wake);
}

static bool build_engine(struct daemon *daemon, GError **error) {
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

static void build_outbox(struct daemon *daemon) {
    const struct dm_outbox_config outbox = {
        .catalogue = daemon->catalogue,
        .settings = daemon->config->outbox,
    };
    daemon->outbox = dm_outbox_new(&outbox, daemon->ledger, daemon->share, &daemon->wake);
}

static bool build_mirror(struct daemon *daemon, GError **error) {
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
    return dm_inbox_objection(((const struct daemon *)data)->inbox, path);
}

static char *result_key(const char *output, void *data) {
    return dm_mirror_key(((const struct daemon *)data)->mirror, output);
}

/** It has a store and a thread of its own, in the same bucket as the mirror. */
static bool build_s3_inbox(struct daemon *daemon, GError **error) {
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
static void add_rooms(struct daemon *daemon) {
    const struct dm_turns_room rooms[] = {
        {.name = "share", .turn = share_turn, .room = daemon->share},
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
        {.name = "history", .turn = history_turn, .room = daemon},
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
}

/** Say whether the open share is ours: locked by us, and the one that the ledger is of. */
static bool take_share(struct daemon *daemon, GError **error) {
    if (!daemon->is_read_only) {
        if (!dm_share_guard_lock(daemon->share, daemon->lock_fd, error)) {
            return false;
        }
        daemon->lock_fd = -1; // the share's
    }
    return dm_same_share(daemon->ledger, daemon->share, daemon->moved, error) &&
           dm_places_remember(daemon->places, error);
}

static bool build_rooms(struct daemon *daemon, GError **error) {
    warn_of_troubles(daemon);
    daemon->ledger = dm_ledger_open(daemon->places->ledger, false, error);
    if (daemon->ledger == NULL) {
        return false;
    }
    daemon->turns = dm_turns_new(daemon->ledger);
    daemon->wake = dm_turns_wake(daemon->turns);
    daemon->share = dm_share_open(daemon->places->meant, RECHECK_US, error);
    if (daemon->share == NULL || !take_share(daemon, error) || !build_engine(daemon, error) ||
        !build_mirror(daemon, error) || !build_s3_inbox(daemon, error)) {
        return false;
    }
    build_inbox(daemon);
    build_outbox(daemon);
    add_rooms(daemon);
    daemon->control = dm_control_new(daemon->places->control, answer_control, daemon, error);
    return daemon->control != NULL;
}

/** The share first: it finishes its jobs, a rename under way say, while the rooms still stand. */
static void clear_daemon(struct daemon *daemon, GError **error) {
    dm_control_free(daemon->control);
    bool stopped = dm_share_stop(daemon->share);
    dm_engine_free(daemon->engine);
    if (stopped) { // what has ended is taken in, for the last commit
        dm_mirror_free(daemon->mirror);
        dm_s3_inbox_free(daemon->s3_inbox);
    }
    if (daemon->ledger != NULL && *error == NULL) {
        dm_ledger_commit(daemon->ledger, error);
    }
    if (!stopped) {
        dm_ledger_free(daemon->ledger);
        return; // all else is still needed, to the end of this process
    }
    dm_inbox_free(daemon->inbox);
    dm_outbox_free(daemon->outbox);
    dm_share_free(daemon->share);
    dm_ledger_free(daemon->ledger);
    dm_turns_free(daemon->turns);
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

// ---- running

/** SIGHUP would end a daemon by default, and in silence. */
static gboolean on_reload(gpointer data) {
    (void)data;
    dm_log_message("SIGHUP: the configuration is read at the start only, and goes on as it is; "
                   "restart dropmilld to read it anew");
    return G_SOURCE_CONTINUE;
}

/** Who runs where, as what, and how it differs from what it is without a configuration. */
static void tell_start(const struct daemon *daemon) {
    g_autofree char *changes = dm_config_print_changes(daemon->config);
    dm_log_message("dropmilld " DM_VERSION " runs as the user %s", g_get_user_name());
    dm_log_message("settings that differ from the defaults: %s", *changes ? changes : "none");
    dm_log_message("watching %s", daemon->places->share);
}

static void run_loop(struct daemon *daemon, GError **error) {
    g_unix_fd_add(dm_share_fd(daemon->share), G_IO_IN, on_share, daemon);
    if (daemon->mirror != NULL) {
        g_unix_fd_add(dm_mirror_fd(daemon->mirror), G_IO_IN, on_mirror, daemon);
    }
    if (daemon->s3_inbox != NULL) {
        g_unix_fd_add(dm_s3_inbox_fd(daemon->s3_inbox), G_IO_IN, on_s3_inbox, daemon);
    }
    g_unix_signal_add(SIGTERM, on_signal, daemon);
    g_unix_signal_add(SIGINT, on_signal, daemon);
    daemon->expire_us = g_get_monotonic_time() + EXPIRE_US;
    g_unix_signal_add(SIGHUP, on_reload, NULL);
    tell_start(daemon);
    dm_turns_run(daemon->turns, error);
}

/** What the command line says. */
struct options {
    char *share;
    char *config;
    gboolean check_config;
    gboolean print_config;
    gboolean moved;
    gboolean version;
    gboolean help;
};

/** GLib's dots are no ASCII, and become a question mark in many a terminal. */
static void print_help(GOptionContext *context) {
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    g_auto(GStrv) parts = g_strsplit(help, "\xe2\x80\xa6", -1);
    g_autofree char *plain = g_strjoinv("...", parts);
    fputs(plain, stdout);
}

static bool parse_options(int *argc, char ***argv, struct options *options, GError **error) {
    const GOptionEntry entries[] = {
        {"share", 's', 0, G_OPTION_ARG_FILENAME, &options->share, "The share to watch", "DIR"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
         "Configuration (" DM_CONFIG_PATH " if there is one)", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
         "Check the configuration and its recipes, then exit", NULL},
        {"print-config", 0, 0, G_OPTION_ARG_NONE, &options->print_config,
         "Print the configuration in effect, then exit", NULL},
        {"moved", 0, 0, G_OPTION_ARG_NONE, &options->moved,
         "Take a share that was moved or restored for the one that it was", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version, then exit",
         NULL},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &options->help, "Print this, then exit", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Watches a share and processes the images that are dropped into it.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (options->help) {
        print_help(context);
    }
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "unexpected argument: '%s', see dropmilld --help", (*argv)[1]);
        return false;
    }
    return true;
}

/** The settings alone: whether they work is what `dropmill s3 check` asks. */
static bool check_store(const struct daemon *daemon, GError **error) {
    if (!dm_store_is_named(&daemon->config->store)) {
        return true;
    }
    struct dm_store *store = dm_store_open(&daemon->config->store, error);
    dm_store_free(store);
    return store != NULL;
}

/** Load the configuration and do what needs nothing else. Returns false when the program is done.
 */
static bool configure(struct daemon *daemon, const struct options *options, GError **error) {
    daemon->config = dm_config_load(options->config, error);
    if (daemon->config == NULL) {
        return false;
    }
    dm_config_set_umask(daemon->config);
    enum dm_log_level level = DM_LOG_MESSAGE;
    dm_log_level_parse(daemon->config->log_level, &level);
    dm_log_init("dropmilld", level);
    if (options->print_config) {
        g_autofree char *text = dm_config_print(daemon->config);
        fputs(text, stdout);
    }
    if (options->check_config && check_store(daemon, error) && read_worker(daemon, error) &&
        refuse_troubles(daemon, error)) {
        puts("the configuration is good");
    }
    bool serves = !options->print_config && !options->check_config;
    if (serves) {
        dm_log_with_times();
    }
    return serves;
}

static void serve(struct daemon *daemon, const struct options *options, GError **error) {
    daemon->moved = options->moved;
    if (configure(daemon, options, error) && find_places(daemon, options->share, error) &&
        read_worker(daemon, error) && build_rooms(daemon, error)) {
        run_loop(daemon, error);
    }
}

/** Each line of an error is a message of its own (a configuration can have many mistakes). */
static int report(GError *error) {
    if (error == NULL) {
        return EX_OK;
    }
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_error("%s", *line);
    }
    int code = error->domain == G_OPTION_ERROR ? EX_USAGE : dm_error_exit_code(error);
    g_error_free(error);
    return code;
}

int main(int argc, char **argv) {
    dm_log_init("dropmilld", DM_LOG_MESSAGE);
    mallopt(M_TRIM_THRESHOLD, 16 << 20); // each turn frees what the next one needs again
    mallopt(M_TOP_PAD, 1 << 20);
    umask(0007); // until the configuration says for whom the share is
    struct options options = {0};
    struct daemon daemon = {.lock_fd = -1};
    GError *error = NULL;
    if (parse_options(&argc, &argv, &options, &error)) {
        if (options.help) {
            ; // printed
        } else if (options.version) {
            puts("dropmilld " DM_VERSION);
        } else {
            serve(&daemon, &options, &error);
        }
    }
    clear_daemon(&daemon, &error);
    g_free(options.share);
    g_free(options.config);
    return report(error);
}
