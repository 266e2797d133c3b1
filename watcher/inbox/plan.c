// SPDX-License-Identifier: MIT
//
// Plan: what is to be looked at next. Events, timers and the ledger end here in the same thing: a
// request for a directory or for names in it. Requests for one directory merge until they become a
// sweep, so that 10,000 files dropped into a folder cost a few looks. Read first: inbox_private.h;
// next: reconcile.c.
#include "watcher/inbox/inbox_private.h"

#include "common/path.h"
#include "watcher/inbox/ignore.h"

#include <string.h>

// The I/O thread is shared with the outbox: let it have its turn between our looks.
#define ASKED_MAX 16
// The value of a name: DM_SWEEP_PROBE, and from this bit on 1 + the evidence that an event left.
#define EVIDENCE_SHIFT 1
#define ROWS_PER_TURN 2000
// Where nobody tells us we look so often; and so much longer than a look takes we do not.
#define POLL_UNWATCHED_US (5 * G_USEC_PER_SEC)
#define POLL_BLIND_US (2 * G_USEC_PER_SEC)
#define POLL_REST 20

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

bool dm_plan_has_room(struct dm_inbox *inbox) {
    unsigned below_inbox = MAX(dm_dirs_count(inbox->dirs), 1) - 1;
    unsigned known = MAX(below_inbox, dm_folders_size(inbox->folders));
    bool room = known < inbox->max_folders;
    if (!room) {
        inbox->is_full = true;
        dm_folder_notes_full(inbox, true);
    }
    return room;
}

void dm_plan_ask(struct dm_inbox *inbox, const char *dir) {
    dm_dirs_add(inbox->dirs, dir)->generation = inbox->generation;
    request_for(inbox, dir)->whole = true;
}

void dm_plan_ask_name(struct dm_inbox *inbox, const char *dir, const char *name,
                      enum dm_evidence evidence) {
    GHashTable *names = request_for(inbox, dir)->names;
    bool news = evidence != DM_EVIDENCE_COUNT;
    if (news || !g_hash_table_contains(names, name)) {
        unsigned value = news ? (unsigned)evidence + 1 : 0;
        g_hash_table_replace(names, g_strdup(name), GUINT_TO_POINTER(value << EVIDENCE_SHIFT));
    }
}

void dm_plan_ask_probe(struct dm_inbox *inbox, const char *dir, const char *name) {
    GHashTable *names = request_for(inbox, dir)->names;
    unsigned value = GPOINTER_TO_UINT(g_hash_table_lookup(names, name)) | DM_SWEEP_PROBE;
    g_hash_table_replace(names, g_strdup(name), GUINT_TO_POINTER(value));
}

enum dm_evidence dm_plan_evidence(const struct dm_sweep *sweep, const char *name) {
    unsigned value = GPOINTER_TO_UINT(g_hash_table_lookup(sweep->names, name));
    unsigned evidence = value >> EVIDENCE_SHIFT;
    return evidence > 0 ? (enum dm_evidence)(evidence - 1) : DM_EVIDENCE_COUNT;
}

/** Ask for @dir, known or not, and for all known directories below it. */
static void ask_tree(struct dm_inbox *inbox, const char *dir) {
    g_autoptr(GPtrArray) below = dm_dirs_below(inbox->dirs, dir);
    for (guint i = 0; i < below->len; i++) {
        dm_plan_ask(inbox, ((const struct dm_dir *)below->pdata[i])->path);
    }
    dm_plan_ask(inbox, dir);
}

/** Ask for the directories of the next rows whose file should be there: some may have gone unseen.
 */
static void ask_rows(struct dm_inbox *inbox) {
    g_autoptr(GPtrArray) paths =
        dm_ledger_live_paths(inbox->ledger, inbox->rows_from, "\xff", ROWS_PER_TURN);
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *path = dm_path_dir(paths->pdata[i]);
        const struct dm_dir *dir = dm_dirs_find(inbox->dirs, path);
        if (dir == NULL || dir->generation != inbox->generation) {
            dm_plan_ask(inbox, path);
        }
    }
    g_free(inbox->rows_from);
    inbox->rows_from = paths->len == ROWS_PER_TURN
                           ? g_strconcat(paths->pdata[paths->len - 1], "\x01", NULL)
                           : NULL;
}

void dm_plan_forget(struct dm_inbox *inbox, const char *dir) {
    dm_dirs_remove(inbox->dirs, dir);
    if (inbox->notify != NULL) {
        dm_notify_drop(inbox->notify, dir, true);
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
    if (dm_dirs_find(inbox->dirs, path) != NULL ||
        (dm_folders_chain(inbox->folders, path) != NULL && dm_plan_has_room(inbox))) {
        ask_tree(inbox, path);
    }
}

static enum dm_evidence evidence_of(unsigned what) {
    return what & DM_NOTIFY_MOVED_IN  ? DM_EVIDENCE_MOVED
           : what & DM_NOTIFY_CLOSED  ? DM_EVIDENCE_CLOSED
           : what & DM_NOTIFY_WRITTEN ? DM_EVIDENCE_WRITING
           : what & DM_NOTIFY_CREATED ? DM_EVIDENCE_CREATED
                                      : DM_EVIDENCE_UNSEEN;
}

/** Something happened to the trigger of @triggered. */
static void trigger_event(struct dm_inbox *inbox, const struct dm_notify_event *event,
                          const char *triggered) {
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, triggered);
    if (pending != NULL) {
        dm_pendings_schedule(inbox->pendings, pending, inbox->now_us);
    } else if (!(event->what & DM_NOTIFY_GONE)) {
        dm_plan_ask_name(inbox, event->dir, event->name, DM_EVIDENCE_COUNT);
    }
}

/** The file @name has gone: its trigger, if there is one, has nothing to say any more. */
static void ask_trigger(struct dm_inbox *inbox, const char *dir, const char *name) {
    const char *trigger = dm_habits_of(inbox->habits, dir)->waits->trigger;
    if (*trigger != '\0') {
        g_autofree char *second = g_strconcat(name, trigger, NULL);
        dm_plan_ask_name(inbox, dir, second, DM_EVIDENCE_COUNT);
    }
}

/** Say whether a row says that @path should be there. An original that was just retired is not. */
static bool is_missed(const struct dm_inbox *inbox, const char *path) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, path);
    return row != NULL && 1u << row->state & DM_LIVE_STATES;
}

static void file_event(struct dm_inbox *inbox, const struct dm_notify_event *event,
                       const char *path) {
    enum dm_evidence evidence = evidence_of(event->what);
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
    if (event->what & DM_NOTIFY_GONE) {
        if (is_missed(inbox, path)) {
            dm_plan_ask_name(inbox, event->dir, event->name, DM_EVIDENCE_COUNT);
        }
        ask_trigger(inbox, event->dir, event->name);
    } else if (pending == NULL) {
        dm_plan_ask_name(inbox, event->dir, event->name, evidence);
    } else {
        int64_t next_us = inbox->now_us;
        dm_settle_event(&pending->settle, evidence, inbox->now_us);
        dm_settle_check(&pending->settle, dm_habits_of(inbox->habits, event->dir), inbox->now_us,
                        &next_us);
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
        g_autofree char *triggered = dm_habits_triggered(inbox->habits, event->dir, path);
        if (triggered != NULL) {
            trigger_event(inbox, event, triggered);
        } else {
            file_event(inbox, event, path);
        }
    }
}

void dm_plan_event(const struct dm_notify_event *event, void *data) {
    struct dm_inbox *inbox = data;
    if (event->what & DM_NOTIFY_OVERFLOW) {
        inbox->everything = true;
        dm_pendings_lost_events(inbox->pendings);
        inbox->overflows++;
    } else if (event->what & DM_NOTIFY_SELF) {
        struct dm_dir *dir = dm_dirs_find(inbox->dirs, event->dir);
        if (dir != NULL) {
            dm_dirs_set_watched(inbox->dirs, dir, false, dir->blind);
        }
        dm_plan_ask(inbox, event->dir);
    } else if (*event->dir == '\0') {
        event_in_inbox(inbox, event);
    } else {
        event_in_folder(inbox, event);
    }
}

// ---- timers

static void ask_polled(struct dm_inbox *inbox) {
    g_autoptr(GPtrArray) all = dm_dirs_below(inbox->dirs, "");
    for (guint i = 0; i < all->len; i++) {
        const struct dm_dir *dir = all->pdata[i];
        if (dm_dir_is_polled(dir)) {
            dm_plan_ask(inbox, dir->path);
            inbox->poll_left++;
        }
    }
    inbox->poll_began_us = inbox->now_us;
}

int64_t dm_plan_poll_us(const struct dm_inbox *inbox) {
    int64_t least_us = dm_dirs_blind(inbox->dirs) > 0 ? POLL_BLIND_US : POLL_UNWATCHED_US;
    return MIN(MAX(inbox->poll_us, least_us), inbox->sweep_us);
}

/** The more there is to be polled, and the slower the server, the more seldom. */
static void poll(struct dm_inbox *inbox) {
    if (inbox->poll_began_us != 0 && inbox->poll_left == 0) {
        inbox->poll_us = POLL_REST * (inbox->now_us - inbox->poll_began_us);
        inbox->poll_began_us = 0;
        inbox->poll_at_us = inbox->now_us + dm_plan_poll_us(inbox);
    }
    if (dm_dirs_polled(inbox->dirs) == 0) {
        inbox->poll_at_us = inbox->now_us + dm_plan_poll_us(inbox);
    } else if (inbox->poll_began_us == 0 && inbox->poll_at_us <= inbox->now_us) {
        ask_polled(inbox);
    }
}

// ---- the sweep

static void push_glance(struct dm_inbox *inbox);

static void glance_done(void *job, bool done) {
    struct dm_glance *glance = job;
    struct dm_inbox *inbox = glance->owner;
    bool over = !done || glance->next == glance->dirs->len;
    inbox->asked--;
    for (guint i = 0; over && done && i < glance->dirs->len; i++) {
        const struct dm_glance_dir *dir = &g_array_index(glance->dirs, struct dm_glance_dir, i);
        if (dir->changed && dm_dirs_find(inbox->dirs, dir->path) != NULL) {
            dm_plan_ask(inbox, dir->path);
        }
    }
    if (!over) {
        push_glance(inbox);
        return;
    }
    if (done) {
        inbox->scanned_utc_us = dm_ledger_utc_us(inbox->ledger);
    }
    g_clear_pointer(&inbox->glance, dm_glance_free);
    dm_wake(&inbox->wake);
}

static void push_glance(struct dm_inbox *inbox) {
    inbox->asked++;
    dm_share_push(inbox->share, dm_glance_work, glance_done, inbox->glance);
}

/** Look at every directory: a watched one is read only if it is not as it was. */
static void sweep(struct dm_inbox *inbox) {
    g_autoptr(GPtrArray) all = dm_dirs_below(inbox->dirs, "");
    inbox->glance = dm_glance_new(inbox);
    for (guint i = 0; i < all->len; i++) {
        struct dm_dir *dir = all->pdata[i];
        if (dm_dir_is_polled(dir) || dir->stamp.ino == 0) {
            dm_plan_ask(inbox, dir->path);
        } else {
            dir->generation = inbox->generation;
            dm_glance_add(inbox->glance, dir->path, &dir->stamp);
        }
    }
    if (all->len == 0) {
        dm_plan_ask(inbox, "");
    }
    push_glance(inbox);
}

static void ask_pending(struct dm_inbox *inbox) {
    struct dm_pending *pending;
    while ((pending = dm_pendings_take_due(inbox->pendings, inbox->now_us)) != NULL) {
        g_autofree char *dir = dm_path_dir(pending->path);
        const char *name = dm_path_base(pending->path);
        if (dm_settle_wants_probe(&pending->settle, dm_habits_of(inbox->habits, dir))) {
            dm_plan_ask_probe(inbox, dir, name);
        } else {
            dm_plan_ask_name(inbox, dir, name, DM_EVIDENCE_COUNT);
        }
    }
}

static void begin_sweep(struct dm_inbox *inbox) {
    inbox->sweep_at_us = inbox->now_us + inbox->sweep_us;
    if (!inbox->everything && inbox->glance != NULL) {
        return; // the last one takes its time
    }
    inbox->generation++;
    dm_folder_notes_full(inbox, inbox->is_full);
    inbox->is_full = false;
    if (inbox->everything) {
        inbox->everything = false;
        g_free(inbox->rows_from);
        inbox->rows_from = g_strdup("");
        ask_tree(inbox, "");
    } else {
        sweep(inbox);
    }
}

void dm_plan_due(struct dm_inbox *inbox) {
    if (inbox->everything || inbox->sweep_at_us <= inbox->now_us) {
        begin_sweep(inbox);
    }
    if (inbox->rows_from != NULL) {
        ask_rows(inbox);
    }
    poll(inbox);
    ask_pending(inbox);
}

// ---- sweeps

static void sweep_done(void *job, bool done) {
    struct dm_sweep *sweep = job;
    struct dm_inbox *inbox = sweep->owner;
    inbox->asked--;
    if (!done) {
        sweep->outcome = DM_SWEEP_OFFLINE;
        sweep->more = false;
    }
    g_queue_push_tail(&inbox->answers, sweep);
    dm_wake(&inbox->wake);
}

static void push(struct dm_inbox *inbox, const char *dir, bool whole, GHashTable *names) {
    struct dm_sweep *sweep = dm_sweep_new(dir, whole, names);
    sweep->owner = inbox;
    sweep->asked_us = inbox->now_us;
    const struct dm_settle_place *place = dm_habits_of(inbox->habits, dir);
    sweep->question = (struct dm_probe_question){place->waits->trigger, place->remote};
    sweep->grain_ns = inbox->grain_ns;
    sweep->notify_fd = inbox->notify != NULL ? dm_notify_fd(inbox->notify) : -1;
    inbox->asked++;
    dm_share_push(inbox->share, dm_sweep_work, sweep_done, sweep);
}

void dm_plan_read_on(struct dm_inbox *inbox, struct dm_sweep *sweep) {
    sweep->asked_us = inbox->now_us;
    sweep->next = 0;
    inbox->asked++;
    dm_share_push(inbox->share, dm_sweep_work, sweep_done, sweep);
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
