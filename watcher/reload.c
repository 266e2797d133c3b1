// SPDX-License-Identifier: MIT
//
// Another configuration: see reload.h.
#include "watcher/reload.h"

#include "common/error.h"
#include "common/log.h"
#include "common/log_event.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/** Say whether @next means the share that we watch, by its path: it need not be looked at. */
static bool is_same_share(const struct dm_daemon *daemon, const struct dm_config *next) {
    if (*next->share == '\0') {
        return *daemon->config->share == '\0'; // that around the working directory
    }
    g_autofree char *meant = g_canonicalize_filename(next->share, NULL);
    return strcmp(meant, daemon->places->meant) == 0;
}

/** Say whether a daemon that begins now, or when its share is there, would come as far as we did.
 */
static bool could_begin(const struct dm_daemon *daemon, bool *ret_same_share, GError **error) {
    struct dm_daemon next = {.config = dm_config_load(daemon->config_option, error)};
    bool good =
        next.config != NULL &&
        dm_config_take_option(next.config, "share", daemon->share_option, "--share", error) &&
        dm_daemon_check_store(&next, error) && dm_notices_check(&next.config->notices, error) &&
        dm_daemon_read_worker(&next, error) && dm_engine_check(&next.config->engine, error);
    bool same = good && is_same_share(daemon, next.config);
    if (good && !same) {
        next.places = dm_places_find(next.config, error);
        good = next.places != NULL;
    }
    *ret_same_share = same;
    dm_places_free(next.places);
    dm_catalogue_free(next.catalogue);
    g_free(next.worker);
    dm_config_free(next.config);
    return good;
}

/** Let @why be why the configuration in the files is not in use. */
static void keep_old(struct dm_daemon *daemon, char *why) {
    g_free(daemon->refused);
    daemon->refused = why;
    dm_service_manager_ready(daemon->manager);
}

static void refuse(struct dm_daemon *daemon, const GError *error) {
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_warning("%s", *line);
    }
    dm_log_event(DM_EVENT_REFUSED, DM_LOG_WARNING,
                 "the new configuration is not taken, the old one stays in use");
    keep_old(daemon, g_strjoinv("; ", lines));
}

static void begin_anew(struct dm_daemon *daemon) {
    dm_log_message("taking the configuration anew");
    daemon->begins_anew = true;
    dm_turns_quit(daemon->turns);
}

static int on_hangup(void *data) {
    struct dm_daemon *daemon = data;
    g_autoptr(GError) error = NULL;
    bool same_share = false;
    dm_service_manager_reloading(daemon->manager);
    daemon->waits_to_begin = false; // for one that is no longer there
    if (!could_begin(daemon, &same_share, &error)) {
        refuse(daemon, error);
    } else if (same_share && !dm_share_is_online(daemon->share)) {
        dm_log_message("the new configuration is good, will take it when the share is back");
        daemon->waits_to_begin = true;
        keep_old(daemon, g_strdup("it is good, and is taken when the share is back"));
    } else {
        begin_anew(daemon);
    }
    return G_SOURCE_CONTINUE;
}

/** The room of what waits: every change of the share comes with a turn. */
static int64_t reload_turn(void *data, int64_t now_us) {
    (void)now_us;
    struct dm_daemon *daemon = data;
    if (daemon->waits_to_begin && dm_share_is_online(daemon->share)) {
        daemon->waits_to_begin = false;
        dm_service_manager_reloading(daemon->manager);
        begin_anew(daemon);
    }
    return INT64_MAX;
}

static void mask_hangup(int how) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(how, &signals, NULL);
}

void dm_reload_hold(void) {
    mask_hangup(SIG_BLOCK);
}

void dm_reload_take(struct dm_daemon *daemon) {
    const struct dm_turns_room room = {.name = "reload", .turn = reload_turn, .room = daemon};
    dm_turns_add(daemon->turns, &room);
    g_unix_signal_add(SIGHUP, on_hangup, daemon);
    mask_hangup(SIG_UNBLOCK);
}

void dm_reload_begin(const char *self, char **argv, GError **error) {
    execv(self, argv);
    dm_fail_errno(error, errno, "cannot begin anew with '%s'", self);
}
