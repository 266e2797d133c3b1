// SPDX-License-Identifier: MIT
//
// Plan: what is to be looked at next. Events, timers and the ledger end here in the same thing: a
// request for a directory or for names in it. Requests for one directory merge until the lane takes
// them, so that 10,000 files dropped into a folder cost a few looks. Read first: room.h; next:
// reconcile.c.
#include "watcher/inbox/room.h"

#include "common/path.h"
#include "watcher/inbox/ignore.h"

#include <string.h>

// The lane is shared with the outbox: let it have its turn between our looks.
#define ASKED_MAX 16

static void request_free(void *data) {
    struct dm_request *request = data;
    if (request->names != NULL) {
        g_hash_table_destroy(request->names);
    }
    g_free(request);
}

GHashTable *dm_plan_requests_new(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, request_free);
}

static struct dm_request *request_for(struct dm_inbox *inbox, const char *dir) {
    struct dm_request *request = g_hash_table_lookup(inbox->requests, dir);
    if (request == NULL) {
        request = g_new0(struct dm_request, 1);
        request->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(inbox->requests, g_strdup(dir), request);
    }
    return request;
}

void dm_plan_ask(struct dm_inbox *inbox, const char *dir) {
    dm_room_add_dir(inbox, dir)->generation = inbox->generation;
    request_for(inbox, dir)->whole = true;
}

void dm_plan_ask_name(struct dm_inbox *inbox, const char *dir, const char *name,
                      enum dm_evidence evidence) {
    GHashTable *names = request_for(inbox, dir)->names;
    bool news = evidence != DM_EVIDENCE_COUNT;
    if (news || !g_hash_table_contains(names, name)) {
        g_hash_table_replace(names, g_strdup(name), GINT_TO_POINTER(news ? 1 + (int)evidence : 0));
    }
}

/** Ask for @dir, known or not, and for all known directories below it. */
static void ask_tree(struct dm_inbox *inbox, const char *dir) {
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, inbox->dirs);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        if (dm_room_is_below(path, dir)) {
            dm_plan_ask(inbox, path);
        }
    }
    dm_plan_ask(inbox, dir);
}

/** Ask for the directories of all rows whose file should be there: some may have gone unseen. */
static void ask_rows(struct dm_inbox *inbox) {
    const struct dm_query query = {.states = 1u << DM_STATE_SEEN | 1u << DM_STATE_READY |
                                             1u << DM_STATE_PARKED};
    g_autoptr(GPtrArray) rows = dm_ledger_list(inbox->ledger, &query);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        g_autofree char *dir = dm_path_dir(row->path);
        dm_plan_ask(inbox, dir);
    }
}

// ---- events

static void dir_event(struct dm_inbox *inbox, const char *path, unsigned what) {
    const struct dm_folder *folder = dm_folders_find(inbox->folders, path);
    if (folder != NULL && folder->chain == NULL) {
        dm_folders_remove(inbox->folders, path); // another one of this name has its own grace
    }
    if (what & (DM_NOTIFY_GONE | DM_NOTIFY_MOVED_IN) && inbox->notify != NULL) {
        dm_notify_drop(inbox->notify, path, true); // the watches follow the old directory
    }
    if (dm_room_dir(inbox, path) != NULL || dm_room_chain(inbox, path) != NULL) {
        ask_tree(inbox, path);
    }
}

/** A hard link is made and never written: it has nothing to wait for. */
static enum dm_evidence evidence_of(unsigned what) {
    if (what & (DM_NOTIFY_CLOSED | DM_NOTIFY_MOVED_IN)) {
        return DM_EVIDENCE_CLOSED;
    }
    return what & DM_NOTIFY_WRITTEN ? DM_EVIDENCE_WRITING : DM_EVIDENCE_UNSEEN;
}

static void file_event(struct dm_inbox *inbox, const struct dm_notify_event *event,
                       const char *path) {
    enum dm_evidence evidence = evidence_of(event->what);
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
    if (event->what & DM_NOTIFY_GONE) {
        dm_plan_ask_name(inbox, event->dir, event->name, DM_EVIDENCE_COUNT);
    } else if (pending == NULL) {
        dm_plan_ask_name(inbox, event->dir, event->name, evidence);
    } else {
        int64_t next_us = inbox->now_us;
        dm_settle_event(&pending->settle, evidence, inbox->now_us);
        dm_settle_check(&pending->settle, &inbox->rules, &next_us);
        dm_pendings_schedule(inbox->pendings, pending, next_us);
    }
}

static void event_in_inbox(struct dm_inbox *inbox, const struct dm_notify_event *event) {
    dm_plan_ask(inbox, ""); // small, and loose files and folders are judged together
    if (event->what & DM_NOTIFY_DIR) {
        dir_event(inbox, event->name, event->what);
    }
}

static void event_in_folder(struct dm_inbox *inbox, const struct dm_notify_event *event) {
    g_autofree char *path = dm_path_join(event->dir, event->name);
    if (event->what & DM_NOTIFY_DIR) {
        if (!dm_ignore_dir(event->name, inbox->ignore)) {
            dir_event(inbox, path, event->what);
        }
    } else if (!dm_ignore_file(event->name, inbox->ignore) && !dm_folders_is_note(event->name)) {
        file_event(inbox, event, path);
    }
}

void dm_plan_event(const struct dm_notify_event *event, void *data) {
    struct dm_inbox *inbox = data;
    if (event->what & DM_NOTIFY_OVERFLOW) {
        inbox->everything = true;
    } else if (event->what & DM_NOTIFY_SELF) {
        struct dm_inbox_dir *dir = dm_room_dir(inbox, event->dir);
        if (dir != NULL) {
            dm_room_set_watched(inbox, dir, false);
        }
        dm_plan_ask(inbox, event->dir);
    } else if (*event->dir == '\0') {
        event_in_inbox(inbox, event);
    } else {
        event_in_folder(inbox, event);
    }
}

// ---- timers

static void ask_unwatched(struct dm_inbox *inbox) {
    GHashTableIter iter;
    gpointer path, dir;
    g_hash_table_iter_init(&iter, inbox->dirs);
    while (g_hash_table_iter_next(&iter, &path, &dir)) {
        if (!((const struct dm_inbox_dir *)dir)->watched) {
            dm_plan_ask(inbox, path);
        }
    }
    inbox->poll_at_us = inbox->now_us + inbox->poll_us;
}

static void ask_pending(struct dm_inbox *inbox) {
    struct dm_pending *pending;
    while ((pending = dm_pendings_take_due(inbox->pendings, inbox->now_us)) != NULL) {
        g_autofree char *dir = dm_path_dir(pending->path);
        dm_plan_ask_name(inbox, dir, dm_path_base(pending->path), DM_EVIDENCE_COUNT);
    }
}

void dm_plan_due(struct dm_inbox *inbox) {
    if (inbox->everything) {
        inbox->everything = false;
        inbox->sweep_at_us = inbox->now_us;
        ask_rows(inbox);
    }
    if (inbox->sweep_at_us <= inbox->now_us) {
        inbox->sweep_at_us = inbox->now_us + inbox->sweep_us;
        inbox->generation++;
        ask_tree(inbox, "");
    }
    if (inbox->unwatched == 0) {
        inbox->poll_at_us = inbox->now_us + inbox->poll_us;
    } else if (inbox->poll_at_us <= inbox->now_us) {
        ask_unwatched(inbox);
    }
    ask_pending(inbox);
}

// ---- the lane

static void sweep_done(void *job) {
    struct dm_sweep *sweep = job;
    struct dm_inbox *inbox = sweep->owner;
    inbox->asked--;
    g_queue_push_tail(&inbox->answers, sweep);
    dm_wake(&inbox->wake);
}

static void push(struct dm_inbox *inbox, const char *dir, bool whole, GHashTable *names) {
    struct dm_sweep *sweep = dm_sweep_new(inbox->guard, dir, whole, names);
    sweep->owner = inbox;
    sweep->asked_us = inbox->now_us;
    sweep->notify_fd = inbox->notify != NULL && !inbox->polled ? dm_notify_fd(inbox->notify) : -1;
    inbox->asked++;
    dm_lane_push(inbox->lane, dm_sweep_work, sweep_done, sweep);
}

/** The inbox itself comes first: what its folders mean is asked for in every other answer. */
static bool take_request(struct dm_inbox *inbox, char **ret_dir, struct dm_request **ret_request) {
    GHashTableIter iter;
    gpointer first;
    if (g_hash_table_steal_extended(inbox->requests, "", (gpointer *)ret_dir,
                                    (gpointer *)ret_request)) {
        return true;
    }
    g_hash_table_iter_init(&iter, inbox->requests);
    return g_hash_table_iter_next(&iter, &first, NULL) &&
           g_hash_table_steal_extended(inbox->requests, first, (gpointer *)ret_dir,
                                       (gpointer *)ret_request);
}

void dm_plan_push(struct dm_inbox *inbox) {
    char *dir;
    struct dm_request *request;
    while (inbox->asked < ASKED_MAX && take_request(inbox, &dir, &request)) {
        push(inbox, dir, request->whole, g_steal_pointer(&request->names));
        request_free(request);
        g_free(dir);
    }
}

void dm_plan_probe(struct dm_inbox *inbox) {
    if (inbox->asked == 0 && inbox->retry_at_us <= inbox->now_us) {
        push(inbox, "", true, NULL);
    }
}
