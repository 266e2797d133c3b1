// SPDX-License-Identifier: MIT
//
// dropmilld: the map of the program.
//
//   places.c          where the share, its ledger and the worker are
//   ledger/           the one memory: rows and what may happen to them
//   inbox/            notices what was dropped, proves it finished        SEEN -> READY
//   engine/           batches, MPI jobs, results                          READY -> COMPUTED, FAILED
//   outbox/           publishes, retires originals, writes notes          COMPUTED -> DONE
//   control.c         answers `dropmill status`
//   dropmilld.c       builds the rooms, then turns and commits until it is told to stop
//
// A star: rooms know the ledger and not each other. Whatever happens (an event, a result line, a
// finished job of the lane, a time) ends in run_turns(): every room does what is due, one
// transaction takes all they learned, and while that changed anything they get another turn. So
// nobody needs to be told anything, and kill -9 between two commits costs at most what one turn
// did.
#include "common/error.h"
#include "common/lane.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/config.h"
#include "watcher/control.h"
#include "watcher/engine/engine.h"
#include "watcher/inbox/inbox.h"
#include "watcher/ledger/ledger.h"
#include "watcher/outbox/outbox.h"
#include "watcher/places.h"
#include "watcher/recipes.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { EXPIRE_S = 3600 };

struct daemon {
    struct dm_config *config;
    struct dm_places *places;
    struct dm_catalogue *catalogue;
    char *worker, *inbox_root, *outbox_root;
    int lock_fd;

    struct dm_ledger *ledger;
    struct dm_lane *lane; // all file work on the share
    struct dm_inbox *inbox;
    struct dm_engine *engine;
    struct dm_outbox *outbox;
    struct dm_control *control;

    GMainLoop *loop;
    guint turn_source;  // a turn was asked for
    guint timer_source; // the next one that a room wants by time
    GError *failure;    // why the loop was left; NULL: it was told to
};

// ---- turns

static int run_turns(void *data);

static void ask_for_turn(void *data) {
    struct daemon *daemon = data;
    if (daemon->turn_source == 0) {
        daemon->turn_source = g_idle_add_full(G_PRIORITY_DEFAULT, run_turns, daemon, NULL);
    }
}

static int on_timer(void *data) {
    struct daemon *daemon = data;
    daemon->timer_source = 0;
    ask_for_turn(daemon);
    return G_SOURCE_REMOVE;
}

static void arm_timer(struct daemon *daemon, int64_t due_us) {
    if (daemon->timer_source != 0) {
        g_source_remove(daemon->timer_source);
        daemon->timer_source = 0;
    }
    if (due_us == INT64_MAX) {
        return;
    }
    int64_t wait_ms = (due_us - g_get_monotonic_time() + 999) / 1000;
    wait_ms = CLAMP(wait_ms, 0, 60 * 60 * 1000);
    daemon->timer_source = g_timeout_add((guint)wait_ms, on_timer, daemon);
}

/** Every room's turn, then one commit. */
static int run_turns(void *data) {
    struct daemon *daemon = data;
    daemon->turn_source = 0;
    uint64_t before = dm_ledger_changes(daemon->ledger);
    int64_t now = g_get_monotonic_time();
    const int64_t due[] = {dm_outbox_turn(daemon->outbox, now), dm_engine_turn(daemon->engine, now),
                           dm_inbox_turn(daemon->inbox, now)};
    if (!dm_ledger_commit(daemon->ledger, &daemon->failure)) {
        g_main_loop_quit(daemon->loop);
        return G_SOURCE_REMOVE;
    }
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < G_N_ELEMENTS(due); i++) {
        next = MIN(next, due[i]);
    }
    if (dm_ledger_changes(daemon->ledger) != before) {
        ask_for_turn(daemon);
    }
    arm_timer(daemon, next);
    return G_SOURCE_REMOVE;
}

static int on_lane(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    struct daemon *daemon = data;
    dm_lane_dispatch(daemon->lane);
    ask_for_turn(daemon);
    return G_SOURCE_CONTINUE;
}

static int on_expire(void *data) {
    struct daemon *daemon = data;
    if (daemon->config->history.keep_us != INT64_MAX) {
        dm_ledger_expire(daemon->ledger, g_get_real_time() - daemon->config->history.keep_us);
        ask_for_turn(daemon);
    }
    return G_SOURCE_CONTINUE;
}

static int on_signal(void *data) {
    struct daemon *daemon = data;
    dm_log_message("stopping");
    g_main_loop_quit(daemon->loop);
    return G_SOURCE_CONTINUE;
}

// ---- what `dropmill status` asks

static void add_text(GString *answer, const char *name, const char *value) {
    g_autofree char *escaped = dm_escape(value);
    g_string_append_printf(answer, "%s\t%s\n", name, escaped);
}

static void add_number(GString *answer, const char *name, int64_t value) {
    g_string_append_printf(answer, "%s\t%" PRId64 "\n", name, value);
}

static char *answer_status(const struct daemon *daemon) {
    struct dm_inbox_status inbox = {0};
    struct dm_engine_status engine = {0};
    dm_inbox_status(daemon->inbox, &inbox);
    dm_engine_status(daemon->engine, g_get_monotonic_time(), &engine);
    GString *answer = g_string_new(NULL);
    add_number(answer, "pid", getpid());
    add_text(answer, "version", DM_VERSION);
    add_number(answer, "inbox.online", inbox.online);
    add_text(answer, "inbox.problem", inbox.problem);
    add_number(answer, "inbox.settling", inbox.settling);
    add_number(answer, "inbox.folders", inbox.folders);
    add_text(answer, "engine.state", engine.state);
    add_number(answer, "engine.job", engine.job);
    add_number(answer, "engine.ranks", engine.ranks);
    add_number(answer, "engine.threads", engine.threads);
    add_number(answer, "engine.in_flight", engine.in_flight);
    add_number(answer, "engine.retry_in_us", engine.retry_in_us);
    add_text(answer, "engine.problem", engine.problem);
    return g_string_free(answer, FALSE);
}

static char *answer_control(const char *request, void *data) {
    struct daemon *daemon = data;
    if (strcmp(request, "status") == 0) {
        return answer_status(daemon);
    }
    if (strcmp(request, "sweep") == 0) {
        dm_inbox_sweep(daemon->inbox);
        ask_for_turn(daemon);
        return g_strdup("ok\n");
    }
    return NULL;
}

// ---- building the rooms

/** One watcher a share: an open-file-description lock, which dies with us. */
static bool take_lock(struct daemon *daemon, GError **error) {
    g_autofree char *path = g_strconcat(daemon->places->share, "/" DM_LOCK_FILE, NULL);
    daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0664);
    if (daemon->lock_fd < 0) {
        return dm_fail_errno(error, errno, "cannot open the lock file '%s'", path);
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(daemon->lock_fd, F_OFD_SETLK, &lock) == 0) {
        dm_places_sign_lock(daemon->lock_fd);
        return true;
    }
    if (errno == EAGAIN || errno == EACCES) {
        return dm_fail(error, DM_ERROR_TRANSIENT,
                       "cannot watch the share '%s': another dropmilld already does",
                       daemon->places->share);
    }
    return dm_fail_errno(error, errno, "cannot lock '%s'", path);
}

static bool find_places(struct daemon *daemon, const char *share, GError **error) {
    daemon->places = dm_places_find(daemon->config, share, error);
    if (daemon->places == NULL || !dm_places_make(daemon->places, error)) {
        return false;
    }
    daemon->inbox_root = dm_path_join(daemon->places->share, DM_DIR_INBOX);
    daemon->outbox_root = dm_path_join(daemon->places->share, DM_DIR_OUTBOX);
    return take_lock(daemon, error);
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

static bool build_inbox(struct daemon *daemon, const struct dm_wake *wake, GError **error) {
    const struct dm_config *config = daemon->config;
    const struct dm_inbox_config inbox = {
        .share = daemon->places->share,
        .catalogue = daemon->catalogue,
        .recipes = config->recipes,
        .settings = config->inbox,
    };
    daemon->inbox = dm_inbox_new(&inbox, daemon->ledger, daemon->lane, wake, error);
    return daemon->inbox != NULL;
}

static bool build_engine(struct daemon *daemon, const struct dm_wake *wake, GError **error) {
    const struct dm_engine_config engine = {
        .settings = daemon->config->engine,
        .worker = daemon->worker,
        .worker_args = (const char *const *)daemon->config->worker_args,
        .runtime_dir = daemon->places->runtime_dir,
        .input_root = daemon->inbox_root,
        .output_root = daemon->outbox_root,
        .retry_us = daemon->config->outbox.retry_us,
    };
    daemon->engine = dm_engine_new(&engine, daemon->ledger, wake, error);
    return daemon->engine != NULL;
}

static bool build_outbox(struct daemon *daemon, const struct dm_wake *wake, GError **error) {
    const struct dm_outbox_config outbox = {
        .share = daemon->places->share,
        .catalogue = daemon->catalogue,
        .settings = daemon->config->outbox,
    };
    daemon->outbox = dm_outbox_new(&outbox, daemon->ledger, daemon->lane, wake, error);
    return daemon->outbox != NULL;
}

static bool build_rooms(struct daemon *daemon, GError **error) {
    warn_of_troubles(daemon);
    const struct dm_wake wake = {.call = ask_for_turn, .data = daemon};
    daemon->loop = g_main_loop_new(NULL, FALSE);
    daemon->ledger = dm_ledger_open(daemon->places->ledger, false, error);
    if (daemon->ledger == NULL) {
        return false;
    }
    daemon->lane = dm_lane_new("share", error);
    if (daemon->lane == NULL) {
        return false;
    }
    if (!build_outbox(daemon, &wake, error) || !build_engine(daemon, &wake, error) ||
        !build_inbox(daemon, &wake, error)) {
        return false;
    }
    daemon->control = dm_control_new(daemon->places->control, answer_control, daemon, error);
    return daemon->control != NULL;
}

/** The lane first: it finishes its jobs, a rename under way say, while the rooms still stand. */
static void clear_daemon(struct daemon *daemon) {
    dm_control_free(daemon->control);
    dm_lane_free(daemon->lane);
    dm_inbox_free(daemon->inbox);
    dm_engine_free(daemon->engine);
    dm_outbox_free(daemon->outbox);
    if (daemon->ledger != NULL && daemon->failure == NULL) {
        dm_ledger_commit(daemon->ledger, &daemon->failure);
    }
    dm_ledger_free(daemon->ledger);
    if (daemon->loop != NULL) {
        g_main_loop_unref(daemon->loop);
    }
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

static void run_loop(struct daemon *daemon) {
    g_unix_fd_add(dm_lane_fd(daemon->lane), G_IO_IN, on_lane, daemon);
    g_unix_signal_add(SIGTERM, on_signal, daemon);
    g_unix_signal_add(SIGINT, on_signal, daemon);
    g_timeout_add_seconds(EXPIRE_S, on_expire, daemon);
    ask_for_turn(daemon);
    dm_log_message("watching %s", daemon->places->share);
    g_main_loop_run(daemon->loop);
}

/** What the command line says. */
struct options {
    char *share;
    char *config;
    gboolean check_config;
    gboolean print_config;
    gboolean version;
};

static bool parse_options(int *argc, char ***argv, struct options *options, GError **error) {
    const GOptionEntry entries[] = {
        {"share", 's', 0, G_OPTION_ARG_FILENAME, &options->share, "The share to watch", "DIR"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
         "Configuration (" DM_CONFIG_PATH " if there is one)", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
         "Check the configuration and its recipes, then exit", NULL},
        {"print-config", 0, 0, G_OPTION_ARG_NONE, &options->print_config,
         "Print the configuration in effect, then exit", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version, then exit",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Watches a share and processes the images that are dropped into it.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "unexpected argument: '%s', see dropmilld --help", (*argv)[1]);
        return false;
    }
    return true;
}

/** Load the configuration and do what needs nothing else. Returns false when the program is done.
 */
static bool configure(struct daemon *daemon, const struct options *options, GError **error) {
    daemon->config = dm_config_load(options->config, error);
    if (daemon->config == NULL) {
        return false;
    }
    enum dm_log_level level = DM_LOG_MESSAGE;
    dm_log_level_parse(daemon->config->log_level, &level);
    dm_log_init("dropmilld", level);
    if (options->print_config) {
        g_autofree char *text = dm_config_print(daemon->config);
        fputs(text, stdout);
    }
    if (options->check_config && read_worker(daemon, error) && refuse_troubles(daemon, error)) {
        puts("the configuration is good");
    }
    return !options->print_config && !options->check_config;
}

static void serve(struct daemon *daemon, const struct options *options, GError **error) {
    if (configure(daemon, options, error) && find_places(daemon, options->share, error) &&
        read_worker(daemon, error) && build_rooms(daemon, error)) {
        run_loop(daemon);
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
    umask(0002); // results belong to the people on the share
    struct options options = {0};
    struct daemon daemon = {.lock_fd = -1};
    GError *error = NULL;
    if (parse_options(&argc, &argv, &options, &error)) {
        if (options.version) {
            puts("dropmilld " DM_VERSION);
        } else {
            serve(&daemon, &options, &error);
        }
    }
    clear_daemon(&daemon);
    if (error == NULL) {
        error = g_steal_pointer(&daemon.failure);
    }
    g_clear_error(&daemon.failure);
    g_free(options.share);
    g_free(options.config);
    return report(error);
}
