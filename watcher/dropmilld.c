// SPDX-License-Identifier: MIT
//
// dropmilld: the map of the program.
//
//   options.c         the command line
//   program.c         how it takes its configuration, and how it ends
//   config.c          what is configured: a table of keys that writes into the rooms' settings
//   config_sum.c      a word for all of it
//   check_config.c    --check-config: what of it does not work
//   places.c          where the share and its ledger are; known_shares.c: where they were last
//   same_share.c      is the share the one that the ledger is of?
//   worker_program.c  where the worker is, and what it can do; recipes.c: the names given to chains
//   child.c           a process that works for us, own_network.c: where; link.c: the lines to and from it
//   ledger/           the one memory: rows and what may happen to them
//   share/            the tree that people see: is it there? all file work on it
//   gate.c            may work be handed out now, and if not, why not? quiet_hours.c
//   inbox/            notices what was dropped, proves it finished        SEEN -> READY
//   engine/           batches, MPI jobs, results                          READY -> COMPUTED, FAILED
//   outbox/           publishes, retires originals, writes notes          COMPUTED -> DONE
//   orders.c          stop, try again: what people want done with many files at once
//   expiry.c          lets the ledger forget, piece by piece
//   inbox_folders.c   folders that people have renamed and made from afar
//   store/            a bucket of S3, or a directory, if one is named
//   mirror/           puts results into it                                upload rows -> synced
//   s3_inbox/         takes objects out of it, and answers them           arrival rows -> answered
//   notices/          tells people what has become of drops, and what is wrong; daemon_notices.c
//   status.c          all that can be told of this, rate.c: how fast it goes; daemon_status.c: asks
//                     the rooms
//   status_page.c     tells it in the share; status_html.c: in which words, page_dress.c: the look
//   metrics.c         the same for Prometheus, metrics_counts.c: what is counted of the ledger's moves,
//                     metrics_file.c: a file of it; daemon_metrics.c puts it together
//   work_log.c        what the log tells of work that goes well
//   service_manager.c tells systemd how we are; reload.c: SIGHUP
//   ledger_ground.c   may the ledger be written where it is? waits until it may
//   turns.c           gives every room its turn, then commits
//   daemon.c          builds the rooms and has turns until it is told to stop
//   requests.c        what can be asked of it, over the socket of control.c
//   dropmilld.c       main()
//
// A star: rooms know the ledger and not each other; turns.h says how they come to their turns.
#include "common/log.h"
#include "watcher/check_config.h"
#include "watcher/daemon.h"
#include "watcher/daemon_metrics.h"
#include "watcher/daemon_notices.h"
#include "watcher/options.h"
#include "watcher/program.h"
#include "watcher/reload.h"
#include "watcher/requests.h"
#include "watcher/status_page.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>

/** Load the configuration and do what needs nothing else. Returns false when the program is done.
 */
static bool configure(struct dm_daemon *daemon, const struct dm_options *options, GError **error) {
    if (options->check_config) {
        dm_check_config(options, error);
        return false;
    }
    daemon->config = dm_program_configure("dropmilld", options->config, options->share, error);
    if (daemon->config == NULL) {
        return false;
    }
    if (options->print_config) {
        g_autofree char *text = dm_config_print(daemon->config);
        fputs(text, stdout);
        return false;
    }
    dm_log_with_times();
    return true;
}

/** The ledger could not be written: wait until it can, then begin again from what is in it. */
static void await_ledger(struct dm_daemon *daemon, const char *dir, GError **error) {
    dm_log_warning("%s; the work under way is given up, nothing is lost: all begins again when the "
                   "ledger can be written",
                   (*error)->message);
    g_clear_error(error);
    dm_ledger_ground_await(dir, true);
    daemon->begins_anew = true;
}

/** Requests end before the rooms do, whom they may wait for; the page's last words are a job of the
 * share, which brings them back before it ends. */
static void serve(struct dm_daemon *daemon, const struct dm_options *options, GError **error) {
    struct dm_requests *requests = NULL;
    struct dm_status_page *page = NULL;
    daemon->moved = options->moved;
    daemon->share_option = options->share;
    daemon->config_option = options->config;
    if (configure(daemon, options, error) && dm_daemon_build(daemon, error) &&
        dm_daemon_tell_people(daemon, error) &&
        (requests = dm_requests_new(daemon, error)) != NULL) {
        dm_daemon_write_metrics(daemon);
        page = dm_status_page_new(daemon);
        dm_reload_take(daemon);
        dm_daemon_run(daemon, error);
    }
    g_autofree char *dir =
        daemon->ledger_failed ? g_path_get_dirname(daemon->places->ledger) : NULL;
    dm_requests_shut(requests);
    dm_status_page_stop(page);
    dm_daemon_clear(daemon, error);
    dm_status_page_free(page);
    dm_requests_free(requests);
    if (dir != NULL) {
        await_ledger(daemon, dir, error);
    }
}

int main(int argc, char **argv) {
    dm_log_init("dropmilld", DM_LOG_MESSAGE);
    mallopt(M_TRIM_THRESHOLD, 16 << 20); // each turn frees what the next one needs again
    mallopt(M_TOP_PAD, 1 << 20);
    umask(0007); // until the configuration says for whom the share is
    dm_reload_hold();
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char **original_argv = g_memdup2(argv, sizeof(char *) * (size_t)(argc + 1));
    struct dm_options options = {0};
    struct dm_daemon daemon;
    GError *error = NULL;
    dm_daemon_init(&daemon);
    if (dm_options_parse(&options, &argc, &argv, &error) && !dm_options_are_done(&options)) {
        serve(&daemon, &options, &error);
    }
    if (daemon.begins_anew && error == NULL) {
        dm_reload_begin(self != NULL ? self : argv[0], original_argv, &error);
    }
    dm_options_clear(&options);
    return dm_program_end(error);
}
