// SPDX-License-Identifier: MIT
//
// dropmill-page: the page in a browser. A program and a user of its own: it reads the ledger,
// writes into the inbox, asks dropmilld for the rest, and decodes no picture. The map: page.h.
#include "common/log.h"
#include "common/path.h"
#include "watcher/config_files.h"
#include "watcher/page/events.h"
#include "watcher/page/inflow.h"
#include "watcher/page/listen.h"
#include "watcher/page/page.h"
#include "watcher/page/presence.h"
#include "watcher/page/routes.h"
#include "watcher/program.h"
#include "watcher/worker_program.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECTIONS 200
#define CONNECTIONS_AN_ADDRESS 20
#define EVENT_STREAMS 64
#define HOUR_S 3600
#define RECHECK_US G_USEC_PER_SEC
#define PICTURES_MEMORY_BYTES (INT64_C(1) << 30)
#define PICTURES_IDLE_US (30 * G_USEC_PER_SEC)
#define PICTURES_WAITING 300
#define PICTURES_DEADLINE_MS 10000

struct program {
    struct dm_page page;
    struct dm_config *config;
    struct dm_places *places;
    struct dm_catalogue *catalogue;
    GMainLoop *loop;
    struct dm_server_settings server;
    // NULL-terminated, of char *.
    GPtrArray *hosts;
    char *socket, *worker, *pictures_dir;
    bool owns_socket;
    guint share_source, share_timer;
    struct dm_presence *presence;
};

struct options {
    char *share, *config, *listen;
    gboolean version;
};

// ---- the share

static void turn_share(struct program *program);

static gboolean on_share_timer(void *data) {
    struct program *program = data;
    program->share_timer = 0;
    turn_share(program);
    return G_SOURCE_REMOVE;
}

/** It looks for itself while it is away. */
static void turn_share(struct program *program) {
    int64_t now_us = g_get_monotonic_time();
    int64_t next_us = dm_share_turn(program->page.share, now_us);
    if (program->share_timer != 0) {
        g_source_remove(program->share_timer);
        program->share_timer = 0;
    }
    if (next_us != INT64_MAX) {
        unsigned delay_ms = (unsigned)(MAX(next_us - now_us, 0) / 1000) + 1;
        program->share_timer = g_timeout_add(delay_ms, on_share_timer, program);
    }
}

static int on_share(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    struct program *program = data;
    dm_share_dispatch(program->page.share, g_get_monotonic_time());
    turn_share(program);
    return G_SOURCE_CONTINUE;
}

// ---- building

static char *state_dir_of(const struct dm_config *config, const struct dm_places *places) {
    const char *managed = g_getenv("STATE_DIRECTORY");
    if (*config->page.state_dir != '\0') {
        return g_strdup(config->page.state_dir);
    }
    if (managed != NULL) {
        return g_strdup(managed);
    }
    g_autofree char *beside = g_path_get_dirname(places->ledger);
    return g_build_filename(beside, "page", NULL);
}

static char *socket_of(const struct dm_config *config, const struct dm_places *places) {
    const char *managed = g_getenv("RUNTIME_DIRECTORY");
    if (*config->page.socket != '\0') {
        return g_strdup(config->page.socket);
    }
    return g_build_filename(managed != NULL ? managed : places->runtime_dir, "page.sock", NULL);
}

/** What the page answers to without being told. */
static void collect_hosts(struct program *program) {
    static const char *const always[] = {"localhost", "127.0.0.1", "[::1]"};
    program->hosts = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++) {
        g_ptr_array_add(program->hosts, (char *)(uintptr_t)always[i]);
    }
    g_ptr_array_add(program->hosts, program->config->page.listen);
    for (char **host = program->config->page.hosts; *host != NULL; host++) {
        g_ptr_array_add(program->hosts, *host);
    }
    g_ptr_array_add(program->hosts, NULL);
}

static bool build_access(struct program *program, GError **error) {
    static const char *const words[] = {
        [DM_AUTH_NONE] = "none", [DM_AUTH_TOKEN] = "token", [DM_AUTH_PROXY] = "proxy", NULL};
    const struct dm_page_settings *settings = &program->config->page;
    enum dm_auth auth = DM_AUTH_NONE;
    while (words[auth] != NULL && strcmp(words[auth], settings->auth) != 0) {
        auth++;
    }
    const struct dm_access_settings access = {
        .auth = auth,
        .token_file = settings->token_file,
        .admins = (const char *const *)settings->admins,
        .proxies = (const char *const *)settings->proxies,
    };
    program->page.access = dm_access_new(&access, error);
    return program->page.access != NULL;
}

static void build_server(struct program *program) {
    collect_hosts(program);
    program->server = (struct dm_server_settings){
        .guard = {.hosts = (const char *const *)program->hosts->pdata,
                  .max_body_bytes = dm_page_max_file_bytes(&program->page)},
        .access = program->page.access,
        .max_connections = CONNECTIONS,
        .max_connections_an_address = CONNECTIONS_AN_ADDRESS,
    };
    const struct dm_server_calls calls = {
        .head = dm_routes_head, .whole = dm_routes_whole, .data = &program->page};
    program->page.server = dm_server_new(&program->server, &calls);
}

static bool find_share(struct program *program, GError **error) {
    program->places = dm_places_find(program->config, error);
    if (program->places == NULL) {
        return false;
    }
    program->page.places = program->places;
    program->page.share = dm_share_open(program->places->meant, RECHECK_US, error);
    return program->page.share != NULL;
}

static bool read_worker(struct program *program, GError **error) {
    program->worker = dm_find_worker(program->config, error);
    if (program->worker != NULL) {
        program->catalogue = dm_read_catalogue(
            program->worker, (const char *const *)program->config->worker_args, error);
    }
    program->page.catalogue = program->catalogue;
    return program->catalogue != NULL;
}

static void on_change(const char *kind, const char *drop, void *events) {
    dm_events_tell(events, kind, drop);
}

static bool build_pictures(struct program *program, GError **error) {
    const struct dm_config *config = program->config;
    const struct dm_task_limits *limits = &config->engine.limits;
    struct dm_page *page = &program->page;
    program->pictures_dir = g_build_filename(page->state_dir, "pictures", NULL);
    const struct dm_alone_config alone = {
        .worker = program->worker,
        .worker_args = (const char *const *)config->worker_args,
        .dir = program->pictures_dir,
        .memory_bytes = PICTURES_MEMORY_BYTES,
        .idle_us = PICTURES_IDLE_US,
        .most_waiting = PICTURES_WAITING,
    };
    page->alone = dm_alone_new(&alone);
    const struct dm_pictures_config pictures = {
        .catalogue = program->catalogue,
        .recipes = config->recipes,
        .maker = dm_alone_maker(page->alone),
        .dir = program->pictures_dir,
        .max_bytes = limits->max_file_bytes,
        .max_pixels = limits->max_pixels,
        .max_pages = limits->max_pages,
        .deadline_ms = PICTURES_DEADLINE_MS,
    };
    page->pictures = dm_pictures_new(&pictures, error);
    return page->pictures != NULL;
}

static bool build(struct program *program, GError **error) {
    struct dm_page *page = &program->page;
    page->state_dir = state_dir_of(program->config, program->places);
    program->socket = socket_of(program->config, program->places);
    page->expected = dm_expected_open(page->state_dir, error);
    if (page->expected == NULL || !build_access(program, error) ||
        !build_pictures(program, error)) {
        return false;
    }
    page->events = dm_events_new(EVENT_STREAMS);
    const struct dm_board_config board = {
        .ledger = program->places->ledger,
        .control = program->places->control,
        .expected = page->expected,
        .changed = on_change,
        .data = page->events,
    };
    page->board = dm_board_new(&board);
    dm_events_watch(page->events, page->board);
    build_server(program);
    dm_inflow_clean(page->share);
    const struct dm_listen listen = {
        .address = program->config->page.listen,
        .socket = program->socket,
        .is_chosen_address = g_hash_table_contains(program->config->origins, "page.listen"),
        .is_chosen_socket = g_hash_table_contains(program->config->origins, "page.socket"),
        .is_open = strcmp(program->config->page.auth, "none") == 0,
    };
    return dm_listen(page->server, &listen, &program->owns_socket, error);
}

static void clear(struct program *program) {
    struct dm_page *page = &program->page;
    dm_server_free(page->server);
    dm_pictures_free(page->pictures);
    dm_alone_free(page->alone);
    bool stopped = page->share == NULL || dm_share_stop(page->share);
    if (program->owns_socket) {
        unlink(program->socket);
    }
    if (!stopped) {
        return; // a hung share's thread still needs the rest, to the end of this process
    }
    dm_share_free(page->share);
    dm_board_free(page->board);
    dm_events_free(page->events);
    dm_expected_free(page->expected);
    dm_access_free(page->access);
    g_free(page->state_dir);
    g_free(program->socket);
    g_free(program->worker);
    g_free(program->pictures_dir);
    dm_catalogue_free(program->catalogue);
    dm_places_free(program->places);
    dm_config_free(program->config);
    if (program->hosts != NULL) {
        g_ptr_array_unref(program->hosts);
    }
}

// ---- running

/** Drops that were announced and given up are forgotten. */
static gboolean on_hour(void *data) {
    dm_expected_tidy(((struct program *)data)->page.expected, g_get_real_time());
    return G_SOURCE_CONTINUE;
}

static gboolean on_signal(void *data) {
    g_main_loop_quit(((struct program *)data)->loop);
    return G_SOURCE_CONTINUE;
}

static void run(struct program *program) {
    program->loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, on_signal, program);
    g_unix_signal_add(SIGINT, on_signal, program);
    on_hour(program);
    g_timeout_add_seconds(HOUR_S, on_hour, program);
    program->share_source =
        g_unix_fd_add(dm_share_fd(program->page.share), G_IO_IN, on_share, program);
    turn_share(program);
    dm_presence_begin(program->presence);
    g_main_loop_run(program->loop);
    dm_presence_end(program->presence);
    g_source_remove(program->share_source);
    if (program->share_timer != 0) {
        g_source_remove(program->share_timer);
    }
    g_main_loop_unref(program->loop);
}

static bool configure(struct program *program, const struct options *options, GError **error) {
    program->config = dm_program_configure("dropmill-page", options->config, options->share, error);
    if (program->config == NULL || !dm_config_take_option(program->config, "page.listen",
                                                          options->listen, "--listen", error)) {
        return false;
    }
    program->page.config = program->config;
    dm_log_with_times();
    return true;
}

static bool parse_options(int *argc, char ***argv, struct options *options, GError **error) {
    const GOptionEntry entries[] = {
        {"share", 's', 0, G_OPTION_ARG_FILENAME, &options->share, "The share to serve", "DIR"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
         "Configuration (" DM_CONFIG_PATH " if there is one)", "FILE"},
        {"listen", 'l', 0, G_OPTION_ARG_STRING, &options->listen,
         "Where to listen, instead of page.listen", "ADDRESS:PORT"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version, then exit",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Serves the page of a share: send, watch, fetch, mend.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "unexpected argument: '%s', see dropmill-page --help", (*argv)[1]);
        return false;
    }
    return true;
}

static void serve(struct program *program, const struct options *options, GError **error) {
    program->presence = dm_presence_new(&program->page);
    if (configure(program, options, error) && find_share(program, error) &&
        read_worker(program, error) && build(program, error)) {
        run(program);
    }
}

int main(int argc, char **argv) {
    dm_log_init("dropmill-page", DM_LOG_MESSAGE);
    umask(0007);
    signal(SIGPIPE, SIG_IGN);
    struct options options = {0};
    struct program program = {0};
    GError *error = NULL;
    if (parse_options(&argc, &argv, &options, &error)) {
        if (options.version) {
            puts("dropmill-page " DM_VERSION);
        } else {
            serve(&program, &options, &error);
        }
    }
    clear(&program);
    dm_presence_free(program.presence);
    g_free(options.share);
    g_free(options.config);
    g_free(options.listen);
    return dm_program_end(error);
}
