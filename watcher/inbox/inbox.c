// SPDX-License-Identifier: MIT
//
// The inbox: the room itself. It is made and freed, has its turns, and knows whether the share is
// there. The map of its files is room.h; the contract inbox.h.
//
// While the share is offline nothing is concluded from anything: answers that say so change no row,
// only the probe (a look at the inbox) goes to the lane, and the first answer from a share that has
// proved itself again makes everything be looked at anew.
#include "watcher/inbox/room.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/log.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_PER_TURN 2000 // others have a turn after so many
#define PAUSE_MS 5            // events gather for so long before they are read
#define POLL_UNWATCHED_US (5 * G_USEC_PER_SEC)
#define POLL_NETWORK_US (2 * G_USEC_PER_SEC)

// ---- directories

const char *dm_room_chain(const struct dm_inbox *inbox, const char *path) {
    g_autofree char *name = g_strndup(path, strcspn(path, "/"));
    const struct dm_folder *folder = dm_folders_find(inbox->folders, name);
    return folder != NULL ? folder->chain : NULL;
}

bool dm_room_is_below(const char *path, const char *dir) {
    size_t length = strlen(dir);
    return length == 0 ||
           (strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

struct dm_inbox_dir *dm_room_dir(const struct dm_inbox *inbox, const char *path) {
    return g_hash_table_lookup(inbox->dirs, path);
}

void dm_room_set_watched(struct dm_inbox *inbox, struct dm_inbox_dir *dir, bool watched) {
    inbox->unwatched += dir->watched && !watched;
    inbox->unwatched -= !dir->watched && watched;
    dir->watched = watched;
}

struct dm_inbox_dir *dm_room_add_dir(struct dm_inbox *inbox, const char *path) {
    struct dm_inbox_dir *dir = dm_room_dir(inbox, path);
    if (dir == NULL) {
        dir = g_new0(struct dm_inbox_dir, 1);
        inbox->unwatched++;
        g_hash_table_insert(inbox->dirs, g_strdup(path), dir);
    }
    return dir;
}

void dm_room_forget_dir(struct dm_inbox *inbox, const char *path) {
    GHashTableIter iter;
    gpointer name, dir;
    g_hash_table_iter_init(&iter, inbox->dirs);
    while (g_hash_table_iter_next(&iter, &name, &dir)) {
        if (dm_room_is_below(name, path)) {
            dm_room_set_watched(inbox, dir, true); // no longer counted as unwatched
            g_hash_table_iter_remove(&iter);
        }
    }
    if (inbox->notify != NULL) {
        dm_notify_drop(inbox->notify, path, true);
    }
}

// ---- online, offline

static void go_offline(struct dm_inbox *inbox, const char *problem) {
    if (!inbox->online && inbox->now_us < inbox->retry_at_us) {
        return; // one of many answers that say the same
    }
    int64_t delay_us = dm_guard_delay_us(++inbox->failures);
    inbox->retry_at_us = inbox->now_us + delay_us;
    g_free(inbox->problem);
    inbox->problem = g_strdup(problem);
    if (inbox->online) {
        dm_log_warning("%s, nothing will be changed there, will retry in %d s", problem,
                       (int)(delay_us / G_USEC_PER_SEC));
        inbox->online = false;
    }
}

static void go_online(struct dm_inbox *inbox) {
    if (inbox->online) {
        return;
    }
    dm_log_message("the share is back, will look at everything in it");
    g_clear_pointer(&inbox->problem, g_free);
    inbox->failures = 0;
    inbox->online = true;
    inbox->everything = true;
}

// ---- events

/** Events gather: the kernel merges what repeats, and one turn takes them all. */
static gboolean pause_over(gpointer data) {
    struct dm_inbox *inbox = data;
    inbox->pause_source = 0;
    dm_wake(&inbox->wake);
    return G_SOURCE_REMOVE;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition;
    struct dm_inbox *inbox = data;
    inbox->fd_source = 0;
    inbox->pause_source = g_timeout_add(PAUSE_MS, pause_over, inbox);
    return G_SOURCE_REMOVE;
}

static void take_events(struct dm_inbox *inbox) {
    if (inbox->notify == NULL) {
        return;
    }
    dm_notify_read(inbox->notify, dm_plan_event, inbox);
    if (inbox->asked == 0 && g_queue_is_empty(&inbox->answers)) {
        dm_notify_forget_unbound(inbox->notify);
    }
    if (inbox->fd_source == 0 && inbox->pause_source == 0) {
        inbox->fd_source = g_unix_fd_add(dm_notify_fd(inbox->notify), G_IO_IN, readable, inbox);
    }
}

// ---- turns

static void take_answers(struct dm_inbox *inbox) {
    unsigned budget = ENTRIES_PER_TURN;
    struct dm_sweep *sweep;
    inbox->watch_error = inbox->unwatched > 0 ? inbox->watch_error : 0;
    while ((sweep = g_queue_peek_head(&inbox->answers)) != NULL) {
        if (sweep->outcome == DM_SWEEP_OFFLINE) {
            go_offline(inbox, sweep->problem);
        } else {
            go_online(inbox);
        }
        if (!dm_reconcile(inbox, sweep, &budget)) {
            return;
        }
        dm_sweep_free(g_queue_pop_head(&inbox->answers));
    }
}

static int64_t next_turn(struct dm_inbox *inbox, int64_t next_note_us) {
    if (!g_queue_is_empty(&inbox->answers)) {
        return inbox->now_us;
    }
    if (!inbox->online) {
        return inbox->asked > 0 ? INT64_MAX : inbox->retry_at_us;
    }
    int64_t next_us = MIN(inbox->sweep_at_us, next_note_us);
    next_us = MIN(next_us, dm_pendings_next_us(inbox->pendings));
    if (inbox->unwatched > 0) {
        next_us = MIN(next_us, inbox->poll_at_us);
    }
    if (inbox->others_wrote) {
        next_us = MIN(next_us, inbox->adopt_at_us);
    }
    return next_us;
}

int64_t dm_inbox_turn(struct dm_inbox *inbox, int64_t now_us) {
    int64_t next_note_us = INT64_MAX;
    inbox->now_us = now_us;
    inbox->others_wrote |= dm_ledger_changes(inbox->ledger) != inbox->changes;
    take_events(inbox);
    take_answers(inbox);
    if (inbox->online) {
        dm_reconcile_adopt(inbox);
        next_note_us = dm_notes_turn(inbox);
        dm_plan_due(inbox);
        dm_plan_push(inbox);
    } else {
        dm_plan_probe(inbox);
    }
    inbox->changes = dm_ledger_changes(inbox->ledger);
    return next_turn(inbox, next_note_us);
}

void dm_inbox_sweep(struct dm_inbox *inbox) {
    inbox->everything = true;
    inbox->retry_at_us = inbox->now_us; // if it is offline: somebody thinks that it is not
    dm_wake(&inbox->wake);
}

// ---- made, shown, freed

static void start_notify(struct dm_inbox *inbox) {
    inbox->notify = dm_notify_new();
    if (inbox->notify == NULL) {
        inbox->watch_error = errno;
        dm_log_warning("cannot use inotify: %s, will look every %d s instead", g_strerror(errno),
                       (int)(POLL_UNWATCHED_US / G_USEC_PER_SEC));
    }
}

static bool look_at_share(struct dm_inbox *inbox, GError **error) {
    g_autofree char *problem = NULL;
    int fd = dm_guard_open(inbox->guard, &problem);
    if (fd < 0) {
        return dm_fail(error, DM_ERROR_SYSTEM, "%s", problem);
    }
    inbox->polled = dm_is_network_fs(fd);
    close(fd);
    return true;
}

static struct dm_inbox *make(const struct dm_inbox_config *config, struct dm_guard *guard) {
    struct dm_inbox *inbox = g_new0(struct dm_inbox, 1);
    const struct dm_inbox_settings *settings = &config->settings;
    const struct dm_folder_rules rules = {.catalogue = config->catalogue,
                                          .recipes = config->recipes,
                                          .recipes_only = settings->recipes_only,
                                          .grace_us = settings->rename_grace_us};
    inbox->ignore = (const char *const *)settings->ignore;
    inbox->guard = guard;
    inbox->folders = dm_folders_new(&rules);
    inbox->pendings = dm_pendings_new();
    inbox->dirs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inbox->requests = dm_plan_requests_new();
    inbox->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_queue_init(&inbox->answers);
    dm_settle_rules_init(&inbox->rules, settings->settle_closed_us, settings->settle_unseen_us);
    inbox->sweep_us = settings->sweep_us;
    inbox->everything = true;
    inbox->online = true;
    return inbox;
}

struct dm_inbox *dm_inbox_new(const struct dm_inbox_config *config, struct dm_ledger *ledger,
                              struct dm_lane *lane, const struct dm_wake *wake, GError **error) {
    struct dm_guard *guard = dm_guard_new(config->share, error);
    if (guard == NULL) {
        return NULL;
    }
    struct dm_inbox *inbox = make(config, guard);
    inbox->ledger = ledger;
    inbox->lane = lane;
    inbox->wake = *wake;
    if (!look_at_share(inbox, error)) {
        dm_inbox_free(inbox);
        return NULL;
    }
    inbox->poll_us = MIN(inbox->sweep_us, inbox->polled ? POLL_NETWORK_US : POLL_UNWATCHED_US);
    if (!inbox->polled) {
        start_notify(inbox);
    }
    return inbox;
}

static void free_answer(void *data) {
    dm_sweep_free(data);
}

void dm_inbox_free(struct dm_inbox *inbox) {
    if (inbox == NULL) {
        return;
    }
    g_assert(inbox->asked == 0); // the lane is freed first, see inbox.h
    if (inbox->fd_source != 0) {
        g_source_remove(inbox->fd_source);
    }
    if (inbox->pause_source != 0) {
        g_source_remove(inbox->pause_source);
    }
    g_queue_clear_full(&inbox->answers, free_answer);
    g_hash_table_destroy(inbox->requests);
    g_hash_table_destroy(inbox->dirs);
    g_hash_table_destroy(inbox->told);
    dm_pendings_free(inbox->pendings);
    dm_folders_free(inbox->folders);
    dm_notify_free(inbox->notify);
    dm_guard_free(inbox->guard);
    g_free(inbox->problem);
    g_free(inbox);
}

/** Why directories are without a watch that should have one, and what the administrator can do. */
static void print_watch_problem(const struct dm_inbox *inbox, char *ret, size_t size) {
    const char *advice = "";
    if (inbox->watch_error == ENOSPC) {
        advice = ", raise the sysctl fs.inotify.max_user_watches";
    } else if (inbox->notify == NULL) {
        advice = ", raise the sysctl fs.inotify.max_user_instances";
    }
    g_snprintf(ret, size, "%u folders are looked at every %d s instead of being watched: %s%s",
               inbox->unwatched, (int)(inbox->poll_us / G_USEC_PER_SEC),
               g_strerror(inbox->watch_error), advice);
}

void dm_inbox_status(const struct dm_inbox *inbox, struct dm_inbox_status *ret) {
    *ret = (struct dm_inbox_status){.online = inbox->online,
                                    .settling = dm_pendings_count(inbox->pendings),
                                    .folders = dm_folders_count(inbox->folders)};
    if (!inbox->online) {
        g_strlcpy(ret->problem, inbox->problem, sizeof ret->problem);
    } else if (inbox->watch_error != 0 && inbox->unwatched > 0) {
        print_watch_problem(inbox, ret->problem, sizeof ret->problem);
    }
}
