// SPDX-License-Identifier: MIT
//
// The inbox: the room itself. It is made and freed, and has its turns. The map of its files is
// inbox_private.h; the contract inbox.h.
//
// While the share is offline nothing is concluded from anything: answers that say so change no row,
// nothing is asked, and when the share is back everything is looked at anew.
#include "watcher/inbox/inbox.h"

#include "common/log.h"
#include "watcher/inbox/ignore.h"
#include "watcher/inbox/inbox_private.h"

#include <errno.h>
#include <glib-unix.h>
#include <inttypes.h>

#define ENTRIES_PER_TURN 2000 // others have a turn after so many
#define PAUSE_MS 5            // events gather for so long before they are read
#define GRAIN_NS (INT64_C(2) * 1000000000)

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
    g_clear_handle_id(&inbox->pause_source, g_source_remove); // all that gathered is read
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
    inbox->watch_error = dm_dirs_unwatched(inbox->dirs) > 0 ? inbox->watch_error : 0;
    while ((sweep = g_queue_peek_head(&inbox->answers)) != NULL) {
        if (!dm_reconcile(inbox, sweep, &budget)) {
            return;
        }
        g_queue_pop_head(&inbox->answers);
        if (sweep->more) {
            dm_plan_read_on(inbox, sweep);
            continue;
        }
        inbox->poll_left -= sweep->whole && inbox->poll_left > 0;
        if (sweep->whole && sweep->outcome == DM_SWEEP_READ) {
            inbox->scanned_utc_us = dm_ledger_utc_us(inbox->ledger);
        }
        dm_sweep_free(sweep);
    }
}

static int64_t next_turn(struct dm_inbox *inbox, int64_t next_note_us) {
    if (!g_queue_is_empty(&inbox->answers)) {
        return inbox->now_us;
    }
    if (!dm_share_is_online(inbox->share)) {
        return INT64_MAX; // the share wakes us when it is back
    }
    int64_t next_us = MIN(inbox->sweep_at_us, next_note_us);
    next_us = MIN(next_us, dm_pendings_next_us(inbox->pendings));
    if (dm_dirs_polled(inbox->dirs) > 0 && inbox->poll_began_us == 0) {
        next_us = MIN(next_us, inbox->poll_at_us);
    }
    return inbox->rows_from != NULL ? inbox->now_us : next_us;
}

int64_t dm_inbox_turn(struct dm_inbox *inbox, int64_t now_us) {
    int64_t next_note_us = INT64_MAX;
    inbox->now_us = now_us;
    inbox->others_seen = dm_ledger_seen(inbox->ledger)->len;
    inbox->everything |= dm_share_returns(inbox->share) != inbox->returns;
    inbox->returns = dm_share_returns(inbox->share);
    take_events(inbox);
    take_answers(inbox);
    if (dm_share_is_online(inbox->share)) {
        dm_reconcile_adopt(inbox);
        next_note_us = MIN(dm_folder_notes_turn(inbox), dm_late_turn(inbox));
        dm_plan_due(inbox);
        dm_plan_push(inbox);
    }
    dm_ledger_forget_seen(inbox->ledger); // what is there now is ours, or was adopted
    return next_turn(inbox, next_note_us);
}

void dm_inbox_sweep(struct dm_inbox *inbox) {
    inbox->everything = true;
    dm_share_probe(inbox->share);
    dm_wake(&inbox->wake);
}

// ---- made, shown, freed

static void start_notify(struct dm_inbox *inbox) {
    inbox->notify = dm_notify_new();
    if (inbox->notify == NULL) {
        inbox->watch_error = errno;
        dm_log_warning("cannot use inotify: %s, will look every %d s instead", g_strerror(errno),
                       (int)(dm_plan_poll_us(inbox) / G_USEC_PER_SEC));
    }
}

static struct dm_inbox *make(const struct dm_inbox_config *config) {
    struct dm_inbox *inbox = g_new0(struct dm_inbox, 1);
    const struct dm_inbox_settings *settings = &config->settings;
    const struct dm_folder_rules rules = {.catalogue = config->catalogue,
                                          .recipes = config->recipes,
                                          .recipes_only = settings->recipes_only,
                                          .grace_us = settings->rename_grace_us};
    inbox->ignore = (const char *const *)settings->ignore;
    inbox->folders = dm_folders_new(&rules);
    inbox->pendings = dm_pendings_new();
    inbox->dirs = dm_dirs_new();
    inbox->requests = dm_plan_requests_new();
    inbox->warned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    inbox->returned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inbox->late = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    inbox->late_notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inbox->late_us = INT64_MAX;
    g_queue_init(&inbox->answers);
    inbox->settings = *settings;
    inbox->sweep_us = settings->sweep_us;
    inbox->max_folders = settings->max_folders;
    inbox->leave = config->leave;
    inbox->grain_ns = GRAIN_NS;
    inbox->everything = true;
    return inbox;
}

struct dm_inbox *dm_inbox_new(const struct dm_inbox_config *config, struct dm_ledger *ledger,
                              struct dm_share *share, const struct dm_wake *wake) {
    struct dm_inbox *inbox = make(config);
    inbox->ledger = ledger;
    inbox->share = share;
    inbox->wake = *wake;
    inbox->habits = dm_habits_new(&inbox->settings, dm_share_is_remote(share), ledger);
    inbox->returns = dm_share_returns(share);
    start_notify(inbox);
    return inbox;
}

static void free_answer(void *data) {
    dm_sweep_free(data);
}

void dm_inbox_free(struct dm_inbox *inbox) {
    if (inbox == NULL) {
        return;
    }
    g_assert(inbox->asked == 0); // the share is stopped first, see inbox.h
    if (inbox->fd_source != 0) {
        g_source_remove(inbox->fd_source);
    }
    if (inbox->pause_source != 0) {
        g_source_remove(inbox->pause_source);
    }
    g_queue_clear_full(&inbox->answers, free_answer);
    g_free(inbox->rows_from);
    g_hash_table_destroy(inbox->requests);
    dm_dirs_free(inbox->dirs);
    g_hash_table_destroy(inbox->warned);
    g_hash_table_destroy(inbox->returned);
    g_hash_table_destroy(inbox->late);
    g_hash_table_destroy(inbox->late_notes);
    dm_pendings_free(inbox->pendings);
    dm_habits_free(inbox->habits);
    dm_folders_free(inbox->folders);
    dm_notify_free(inbox->notify);
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
               dm_dirs_unwatched(inbox->dirs), (int)(dm_plan_poll_us(inbox) / G_USEC_PER_SEC),
               g_strerror(inbox->watch_error), advice);
}

char *dm_inbox_objection(const struct dm_inbox *inbox, const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (guint i = 0; parts[i] != NULL; i++) {
        bool is_file = parts[i + 1] == NULL;
        if (is_file ? dm_ignore_file(parts[i], inbox->ignore) || dm_folders_is_note(parts[i])
                    : dm_ignore_dir(parts[i], inbox->ignore)) {
            return g_strdup("its name is one that is left alone in an inbox");
        }
    }
    return dm_folders_objection(inbox->folders, parts[0]);
}

void dm_inbox_status(const struct dm_inbox *inbox, struct dm_inbox_status *ret) {
    *ret = (struct dm_inbox_status){.settling = dm_pendings_count(inbox->pendings),
                                    .folders = dm_folders_count(inbox->folders),
                                    .polled = dm_dirs_polled(inbox->dirs),
                                    .overflows = inbox->overflows,
                                    .scanned_utc_us = inbox->scanned_utc_us};
    g_autofree char *oldest = NULL;
    ret->late = dm_late_count(inbox, &oldest);
    g_strlcpy(ret->late_file, oldest != NULL ? oldest : "", sizeof(ret->late_file));
    if (inbox->full_noted) {
        g_snprintf(ret->problem, sizeof(ret->problem),
                   "there are more than %" PRId64 " folders, the others are left alone until there "
                   "are fewer (inbox.max_folders)",
                   inbox->max_folders);
    } else if (inbox->watch_error != 0 && dm_dirs_unwatched(inbox->dirs) > 0) {
        print_watch_problem(inbox, ret->problem, sizeof(ret->problem));
    }
}
