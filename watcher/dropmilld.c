// SPDX-License-Identifier: MIT
//
// dropmilld: the map of the program.
//
//   config.c          what is configured: a table of keys that writes into the rooms' settings
//   places.c          where the share and its ledger are; known_shares.c: where they were last
//   same_share.c      is the share the one that the ledger is of?
//   worker_program.c  where the worker is, and what it can do; recipes.c: the names given to chains
//   ledger/           the one memory: rows and what may happen to them
//   share/            the tree that people see: is it there? all file work on it
//   gate.c            may work be handed out now, and if not, why not? quiet_hours.c
//   inbox/            notices what was dropped, proves it finished        SEEN -> READY
//   engine/           batches, MPI jobs, results                          READY -> COMPUTED, FAILED
//   outbox/           publishes, retires originals, writes notes          COMPUTED -> DONE
//   orders.c          stop, try again: what people want done with many files at once
//   inbox_folders.c   folders that people have renamed and made from afar
//   store/            a bucket of S3, or a directory, if one is named
//   mirror/           puts results into it                                upload rows -> synced
//   s3_inbox/         takes objects out of it, and answers them           arrival rows -> answered
//   status.c          all that can be told of this, rate.c: how fast it goes
//   service_manager.c tells systemd how we are; reload.c: SIGHUP
//   turns.c           gives every room its turn, then commits
//   daemon.c          builds the rooms and has turns until it is told to stop
//   requests.c        what can be asked of it, over the socket of control.c
//   dropmilld.c       the command line
//
// A star: rooms know the ledger and not each other; turns.h says how they come to their turns.
#include "common/error.h"
#include "common/log.h"
#include "watcher/config.h"
#include "watcher/daemon.h"
#include "watcher/reload.h"
#include "watcher/requests.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

/** What the command line says. */
struct options {
    char *share;
    char *config;
    gboolean check_config;
    gboolean print_config;
    gboolean moved;
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
        {"moved", 0, 0, G_OPTION_ARG_NONE, &options->moved,
         "Take a share that was moved or restored for the one that it was", NULL},
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

static bool refuse_troubles(const struct dm_daemon *daemon, GError **error) {
    g_autofree char *troubles = dm_catalogue_troubles(daemon->catalogue);
    return troubles == NULL || dm_fail(error, DM_ERROR_CONFIG, "%s", troubles);
}

/** Load the configuration and do what needs nothing else. Returns false when the program is done.
 */
static bool configure(struct dm_daemon *daemon, const struct options *options, GError **error) {
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
    if (options->check_config && dm_daemon_check_store(daemon, error) &&
        dm_daemon_read_worker(daemon, error) && refuse_troubles(daemon, error)) {
        puts("the configuration is good");
    }
    return !options->print_config && !options->check_config;
}

/** Requests end before the rooms do, whom they may wait for. */
static void serve(struct dm_daemon *daemon, const struct options *options, GError **error) {
    struct dm_requests *requests = NULL;
    daemon->moved = options->moved;
    daemon->share_option = options->share;
    daemon->config_option = options->config;
    if (configure(daemon, options, error) && dm_daemon_build(daemon, error) &&
        (requests = dm_requests_new(daemon, error)) != NULL) {
        dm_reload_take(daemon);
        dm_daemon_run(daemon, error);
    }
    dm_requests_shut(requests);
    dm_daemon_clear(daemon, error);
    dm_requests_free(requests);
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
    dm_reload_hold();
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char **original_argv = g_memdup2(argv, sizeof(char *) * (size_t)(argc + 1));
    struct options options = {0};
    struct dm_daemon daemon;
    GError *error = NULL;
    dm_daemon_init(&daemon);
    if (parse_options(&argc, &argv, &options, &error)) {
        if (options.version) {
            puts("dropmilld " DM_VERSION);
        } else {
            serve(&daemon, &options, &error);
        }
    }
    if (daemon.begins_anew && error == NULL) {
        dm_reload_begin(self != NULL ? self : argv[0], original_argv, &error);
    }
    g_free(options.share);
    g_free(options.config);
    return report(error);
}
