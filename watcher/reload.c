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

/** Say whether a daemon that begins now would come as far as we did. */
static bool could_begin(const struct dm_daemon *daemon, GError **error) {
    struct dm_daemon next = {.config = dm_config_load(daemon->config_option, error)};
    bool good = next.config != NULL && dm_daemon_check_store(&next, error) &&
                dm_daemon_read_worker(&next, error);
    if (good) {
        next.places = dm_places_find(next.config, daemon->share_option, error);
        good = next.places != NULL;
    }
    dm_places_free(next.places);
    dm_catalogue_free(next.catalogue);
    g_free(next.worker);
    dm_config_free(next.config);
    return good;
}

static void refuse(struct dm_daemon *daemon, const GError *error) {
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        dm_log_warning("%s", *line);
    }
    dm_log_event(DM_EVENT_REFUSED, DM_LOG_WARNING,
                 "the new configuration is not taken, the old one stays in use");
    g_free(daemon->refused);
    daemon->refused = g_strjoinv("; ", lines);
    dm_service_manager_ready(daemon->manager);
}

static int on_hangup(void *data) {
    struct dm_daemon *daemon = data;
    g_autoptr(GError) error = NULL;
    dm_service_manager_reloading(daemon->manager);
    if (could_begin(daemon, &error)) {
        dm_log_message("taking the configuration anew");
        daemon->begins_anew = true;
        dm_turns_quit(daemon->turns);
    } else {
        refuse(daemon, error);
    }
    return G_SOURCE_CONTINUE;
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
    g_unix_signal_add(SIGHUP, on_hangup, daemon);
    mask_hangup(SIG_UNBLOCK);
}

void dm_reload_begin(const char *self, char **argv, GError **error) {
    execv(self, argv);
    dm_fail_errno(error, errno, "cannot begin anew with '%s'", self);
}
