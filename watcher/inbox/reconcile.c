// SPDX-License-Identifier: MIT
//
// Reconcile: the one place where what is on disk meets what the ledger believes. Nothing here knows
// why a look was taken: an event, a timer, the start. Read first: inbox_private.h.
//
//   row            file there, same     file there, other     no file
//   none           -> SEEN              -> SEEN               -
//   SEEN           settles              settles               gone
//   READY          -                    changed               gone
//   PARKED         -                    changed               gone, if parked from READY
//   RUNNING COMPUTED PUBLISHED          left alone: worker and outbox check the fingerprint
//   DONE           returned             dropped               -
//   FAILED         -                    dropped               -
//   FAILED retired dropped              dropped               -
//
// A file that was stopped while it was being copied is the same one however far it comes.
//
// The file of a DONE row was moved to originals/. That it is there, just as it was, may be an
// answer from before the move: it is asked for once more. If it still is, the share has forgotten
// the move, as a power cut makes it do. Where originals are left in the inbox (originals.keep) all
// this is as it should be, and only another fingerprint is news. The same holds for a FAILED row
// whose file was moved to failed/: as it was then, it may be an answer from before that.
//
// A listing never proves that a name is not there (it may be renamed while we read): a name that it
// does not show is asked for by itself, and ENOENT is the proof.
#include "watcher/inbox/inbox_private.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/inbox/ignore.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define WARNED_MAX 1000
#define PENDINGS_MAX 20000 // more files than that settle one after another
#define ROWS_PER_TURN 2000

/** What another fingerprint means; DM_FACT_COUNT: nothing, to us. */
static const enum dm_fact fact_if_other[DM_STATE_COUNT] = {
    [DM_STATE_SEEN] = DM_FACT_COUNT,      [DM_STATE_READY] = DM_FACT_CHANGED,
    [DM_STATE_RUNNING] = DM_FACT_COUNT,   [DM_STATE_COMPUTED] = DM_FACT_COUNT,
    [DM_STATE_PUBLISHED] = DM_FACT_COUNT, [DM_STATE_DONE] = DM_FACT_DROPPED,
    [DM_STATE_FAILED] = DM_FACT_DROPPED,  [DM_STATE_PARKED] = DM_FACT_CHANGED,
};

// ---- files that are there

static enum dm_fact fact_about(const struct dm_inbox *inbox, const struct dm_row *row,
                               const struct dm_fingerprint *found) {
    bool back = row->state == DM_STATE_FAILED && row->retired && !inbox->leave;
    bool stopped = row->reason == DM_REASON_STOPPED && !row->retired &&
                   dm_fingerprint_is_same_file(&row->fingerprint, found);
    bool same = !back && (stopped || dm_fingerprint_equal(&row->fingerprint, found));
    return same ? DM_FACT_COUNT : fact_if_other[row->state];
}

/** Say whether a file that was put away is really there again: this look was asked for later than
 * one that saw it. */
static bool is_returned(struct dm_inbox *inbox, const char *path, int64_t asked_us) {
    const int64_t *since_us = g_hash_table_lookup(inbox->returned, path);
    if (since_us != NULL && asked_us >= *since_us) {
        g_hash_table_remove(inbox->returned, path);
        return true;
    }
    if (since_us == NULL) {
        g_autofree char *dir = dm_path_dir(path);
        int64_t turn_us = inbox->now_us; // sweeps of this turn are pushed when it ends
        g_hash_table_insert(inbox->returned, g_strdup(path), g_memdup2(&turn_us, sizeof(turn_us)));
        dm_plan_ask_name(inbox, dir, dm_path_base(path), DM_EVIDENCE_COUNT);
    }
    return false;
}

/** Bring the row of a file that is not settling up to date. Returns its id if it settles now, else
 * 0. */
static int64_t update_row(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                          const struct dm_sweep_entry *entry, const char *path) {
    const struct dm_fingerprint *found = &entry->fingerprint;
    const char *chain = dm_folders_chain(inbox->folders, path);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, path);
    if (row == NULL) {
        row = dm_ledger_insert(inbox->ledger, path, chain, found);
        return row->id;
    }
    if (!dm_fingerprint_equal(&row->fingerprint, found)) {
        dm_settling_learn(inbox, sweep, entry, row);
    }
    enum dm_fact fact = fact_about(inbox, row, found);
    if (fact == DM_FACT_COUNT && row->state == DM_STATE_DONE && !inbox->leave &&
        is_returned(inbox, path, sweep->asked_us)) {
        fact = DM_FACT_RETURNED;
    }
    bool as_it_was = fact == DM_FACT_DROPPED && dm_fingerprint_equal(&row->fingerprint, found);
    if (as_it_was && !is_returned(inbox, path, sweep->asked_us)) {
        return 0;
    }
    if (fact != DM_FACT_COUNT) {
        row->fingerprint = *found;
        dm_row_set(&row->chain, chain);
        dm_ledger_move(inbox->ledger, row, fact);
    }
    return row->state == DM_STATE_SEEN ? row->id : 0;
}

/** How many files settle; those that nobody finishes keep no others from it. */
static unsigned count_settling(const struct dm_inbox *inbox) {
    unsigned all = dm_pendings_count(inbox->pendings);
    return all - MIN(all, g_hash_table_size(inbox->late));
}

/** Say whether one more may settle. If not it stays in the ledger, and has its turn later. */
static bool has_room_for(struct dm_inbox *inbox, int64_t id) {
    if (count_settling(inbox) < PENDINGS_MAX) {
        return true;
    }
    inbox->backlog_id = inbox->backlog ? MIN(inbox->backlog_id, id - 1) : id - 1;
    inbox->backlog = true;
    return false;
}

static void reconcile_file(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                           const struct dm_sweep_entry *entry, const char *path) {
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
    if (pending == NULL) {
        int64_t id = update_row(inbox, sweep, entry, path);
        if (id == 0 || !has_room_for(inbox, id)) {
            return;
        }
        pending = dm_pendings_add(inbox->pendings, path, id, sweep->asked_us);
    }
    dm_settling_look(inbox, sweep, entry, pending);
}

// ---- files that are not

static void take_away(struct dm_inbox *inbox, struct dm_row *row) {
    bool ours = row->state != DM_STATE_PARKED || row->parked_from == DM_STATE_READY;
    dm_pendings_remove(inbox->pendings, dm_pendings_find(inbox->pendings, row->path));
    if (1u << row->state & DM_LIVE_STATES && ours) {
        dm_ledger_move(inbox->ledger, row, DM_FACT_GONE);
    }
}

static void file_gone(struct dm_inbox *inbox, const char *path) {
    g_hash_table_remove(inbox->returned, path);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, path);
    if (row != NULL) {
        take_away(inbox, row);
    }
}

/** The next page of live rows below the directory of @sweep. */
static GPtrArray *next_rows(struct dm_inbox *inbox, struct dm_sweep *sweep) {
    bool root = *sweep->dir == '\0';
    g_autofree char *before = root ? g_strdup("\xff") : g_strconcat(sweep->dir, "0", NULL);
    if (sweep->missed == NULL) {
        sweep->missed = root ? g_strdup("") : g_strconcat(sweep->dir, "/", NULL);
    }
    return dm_ledger_live_paths(inbox->ledger, sweep->missed, before, ROWS_PER_TURN);
}

/** Go on behind @path, or behind all that is below it. */
static void step_over(struct dm_sweep *sweep, const char *path, const char *successor) {
    g_free(sweep->missed);
    sweep->missed = g_strconcat(path, successor, NULL);
}

/** Returns false if @budget ran out. */
static bool dir_gone(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget) {
    g_autoptr(GPtrArray) paths = next_rows(inbox, sweep);
    for (guint i = 0; i < paths->len; i++, --*budget) {
        if (*budget == 0) {
            return false;
        }
        file_gone(inbox, paths->pdata[i]);
        step_over(sweep, paths->pdata[i], "\x01");
    }
    if (paths->len == ROWS_PER_TURN) {
        return false;
    }
    dm_plan_forget(inbox, sweep->dir);
    return true;
}

/** Ask for @name, the file of a row, if neither the listing nor a question has shown it. */
static void ask_if_missing(struct dm_inbox *inbox, const struct dm_sweep *sweep, const char *name) {
    if (!dm_sweep_shows(sweep, name) && !g_hash_table_contains(sweep->names, name)) {
        dm_plan_ask_name(inbox, sweep->dir, name, DM_EVIDENCE_COUNT);
    }
}

/** Ask for the files of rows directly in the directory that the listing does not show. Returns
 * false if @budget ran out. */
static bool ask_missing(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget) {
    size_t prefix = strlen(sweep->dir) + 1;
    bool more = dm_ledger_has(inbox->ledger, DM_LIVE_STATES);
    while (more) {
        g_autoptr(GPtrArray) paths = next_rows(inbox, sweep);
        more = paths->len == ROWS_PER_TURN;
        for (guint i = 0; i < paths->len; i++, --*budget) {
            char *path = paths->pdata[i], *slash = strchr(path + prefix, '/');
            if (*budget == 0) {
                return false;
            }
            if (slash != NULL) { // '0' comes behind '/'
                *slash = '\0';
                step_over(sweep, path, "0");
                more = true;
                break;
            }
            ask_if_missing(inbox, sweep, path + prefix);
            step_over(sweep, path, "\x01");
        }
    }
    return true;
}

// ---- what is in a directory

static void warn_once(struct dm_inbox *inbox, const char *path) {
    if (g_hash_table_contains(inbox->warned, path)) {
        return;
    }
    if (g_hash_table_size(inbox->warned) >= WARNED_MAX) {
        g_hash_table_remove_all(inbox->warned);
    }
    g_hash_table_add(inbox->warned, g_strdup(path));
    g_autofree char *shown = dm_path_display(path);
    dm_log_of_file(path, NULL, DM_LOG_INFO,
                   "'%s' is neither a regular file nor a directory, will be left alone", shown);
}

/**
 * A listing shows a directory. One that is new is asked for; so is one that the last sweep did not
 * ask for: it was not known then, and an answer about it, older than the sweep, was on its way.
 */
static void learn_dir(struct dm_inbox *inbox, struct dm_sweep *sweep, const char *path) {
    const struct dm_dir *dir = dm_dirs_find(inbox->dirs, path);
    if (dir == NULL && !dm_plan_has_room(inbox)) {
        sweep->incomplete = true;
    } else if (dir == NULL || dir->generation != inbox->generation) {
        dm_plan_ask(inbox, path);
    }
}

static void entry_of_inbox(struct dm_inbox *inbox, struct dm_sweep *sweep,
                           const struct dm_sweep_entry *entry) {
    if (entry->error != 0 && entry->error != ENOENT) {
        dm_refused_name(inbox, sweep, entry);
        return;
    }
    if (entry->error != 0 || !S_ISDIR(entry->mode) || dm_ignore_dir(entry->name, inbox->ignore)) {
        return; // loose files are counted in the end
    }
    if (dm_folders_find(inbox->folders, entry->name) == NULL && !dm_plan_has_room(inbox)) {
        sweep->incomplete = true;
        return;
    }
    if (dm_folders_add(inbox->folders, entry->name, inbox->now_us)->chain != NULL) {
        learn_dir(inbox, sweep, entry->name);
    }
}

static void entry_of_folder(struct dm_inbox *inbox, struct dm_sweep *sweep,
                            const struct dm_sweep_entry *entry) {
    g_autofree char *path = dm_path_join(sweep->dir, entry->name);
    if (entry->error == ENOENT) {
        file_gone(inbox, path);
        return;
    }
    if (entry->error != 0) {
        dm_refused_name(inbox, sweep, entry);
        return;
    }
    if (S_ISREG(entry->mode)) {
        g_autofree char *triggered = dm_habits_triggered(inbox->habits, sweep->dir, path);
        if (strcmp(entry->name, DM_FOLDER_NOTE) == 0) {
            dm_folder_notes_remove(inbox, sweep->dir);
        } else if (strcmp(entry->name, DM_LATE_NOTE) == 0) {
            dm_late_note_seen(inbox, sweep->dir);
        } else if (triggered != NULL) {
            dm_trigger_seen(inbox, sweep->dir, entry, triggered);
        } else if (!dm_ignore_file(entry->name, inbox->ignore) &&
                   !dm_folders_is_note(entry->name)) {
            reconcile_file(inbox, sweep, entry, path);
        }
        return;
    }
    if (g_hash_table_contains(sweep->names, entry->name)) {
        file_gone(inbox, path); // something else has taken its place
    }
    if (!S_ISDIR(entry->mode)) {
        warn_once(inbox, path);
    } else if (!dm_ignore_dir(entry->name, inbox->ignore)) {
        learn_dir(inbox, sweep, path);
    }
}

// ---- the whole of a directory

static void begin_dir(struct dm_inbox *inbox, const struct dm_sweep *sweep) {
    struct dm_dir *dir = dm_dirs_add(inbox->dirs, sweep->dir);
    dir->warned = false;
    dir->stamp = (struct dm_fingerprint){0};
    dm_dirs_set_watched(inbox->dirs, dir, sweep->watch > 0, sweep->blind);
    dm_habits_set_remote(inbox->habits, sweep->dir, sweep->remote);
    if (sweep->watch < 0 && inbox->watch_error != -sweep->watch) {
        inbox->watch_error = -sweep->watch;
        dm_log_warning("cannot watch every folder: %s, will look at the others every %d s",
                       g_strerror(inbox->watch_error),
                       (int)(dm_plan_poll_us(inbox) / G_USEC_PER_SEC));
    } else if (sweep->watch > 0) {
        dm_notify_bind(inbox->notify, sweep->watch, sweep->dir, dm_plan_event, inbox);
    }
}

/** Forget folders that are no longer there, and problems that are none any more. */
static void end_folders(struct dm_inbox *inbox, GHashTable *there) {
    g_autoptr(GPtrArray) folders = dm_folders_list(inbox->folders);
    for (guint i = 0; i < folders->len; i++) {
        const struct dm_folder *folder = g_ptr_array_index(folders, i);
        if (g_hash_table_contains(there, folder->name)) {
            continue;
        }
        if (dm_dirs_find(inbox->dirs, folder->name) != NULL) {
            dm_plan_ask(inbox, folder->name);
        }
        dm_folders_remove(inbox->folders, folder->name);
    }
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(inbox->ledger);
    for (guint i = 0; i < problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(problems, i);
        const struct dm_folder *folder = dm_folders_find(inbox->folders, problem->folder);
        if (*problem->folder != '\0' && (folder == NULL || folder->chain != NULL)) {
            dm_folder_notes_clear_problem(inbox, problem->folder);
        }
    }
}

/** All of it was read: until it changes it need not be read again. */
static void end_dir(struct dm_inbox *inbox, const struct dm_sweep *sweep) {
    struct dm_dir *dir = dm_dirs_find(inbox->dirs, sweep->dir);
    if (dir != NULL && !sweep->incomplete) {
        dir->stamp = sweep->stamp;
        dir->accusations = 0;
    }
}

/** Take note of what lies in the inbox itself, by this part of it. */
static void note_part(struct dm_inbox *inbox, struct dm_sweep *sweep) {
    if (sweep->there == NULL) {
        sweep->there = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    for (guint i = 0; i < sweep->entries->len; i++) {
        const struct dm_sweep_entry *entry =
            &g_array_index(sweep->entries, struct dm_sweep_entry, i);
        bool refused = entry->error != 0 && entry->error != ENOENT; // it may be a directory
        if (refused || (entry->error == 0 && S_ISDIR(entry->mode))) {
            g_hash_table_add(sweep->there, g_strdup(entry->name));
        } else if (strcmp(entry->name, DM_LOOSE_NOTE) == 0) {
            sweep->note = true;
        } else if (strcmp(entry->name, DM_FULL_NOTE) == 0) {
            inbox->full_seen = true;
        } else if (entry->error == 0 && S_ISREG(entry->mode) &&
                   !dm_ignore_file(entry->name, inbox->ignore)) {
            sweep->loose = true;
        }
    }
}

/** The directory is of a folder that is not understood (any more): nothing in it is our business.
 */
static void leave_dir(struct dm_inbox *inbox, const struct dm_sweep *sweep) {
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, sweep->names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *path = dm_path_join(sweep->dir, name);
        dm_pendings_remove(inbox->pendings, dm_pendings_find(inbox->pendings, path));
    }
    dm_plan_forget(inbox, sweep->dir);
}

/** Returns false if @budget ran out. */
static bool end_whole(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget) {
    if (*sweep->dir == '\0') {
        end_folders(inbox, sweep->there);
        dm_folder_notes_loose(inbox, sweep->loose, sweep->note);
    } else if (!ask_missing(inbox, sweep, budget)) {
        return false;
    }
    end_dir(inbox, sweep);
    return true;
}

static bool reconcile_read(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget) {
    bool root = *sweep->dir == '\0';
    if (!sweep->begun && sweep->whole) {
        begin_dir(inbox, sweep);
    }
    sweep->begun = true;
    if (!root && dm_folders_chain(inbox->folders, sweep->dir) == NULL) {
        leave_dir(inbox, sweep);
        sweep->more = false;
        return true;
    }
    for (; sweep->next < sweep->entries->len; sweep->next++, --*budget) {
        if (*budget == 0) {
            return false;
        }
        const struct dm_sweep_entry *entry =
            &g_array_index(sweep->entries, struct dm_sweep_entry, sweep->next);
        if (root) {
            entry_of_inbox(inbox, sweep, entry);
        } else {
            entry_of_folder(inbox, sweep, entry);
        }
    }
    if (root) {
        note_part(inbox, sweep);
    }
    return sweep->more || !sweep->whole || end_whole(inbox, sweep, budget);
}

bool dm_reconcile(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget) {
    switch (sweep->outcome) {
    case DM_SWEEP_READ:
        return reconcile_read(inbox, sweep, budget);
    case DM_SWEEP_GONE:
        return dir_gone(inbox, sweep, budget);
    case DM_SWEEP_UNREADABLE:
        dm_refused_dir(inbox, sweep);
        break;
    case DM_SWEEP_OFFLINE:
        dm_refused_names(inbox, sweep);
        break;
    }
    return true;
}

/** Let @row settle, if it is to and does not already. */
static void adopt(struct dm_inbox *inbox, const struct dm_row *row) {
    if (row->state != DM_STATE_SEEN || dm_pendings_find(inbox->pendings, row->path) != NULL) {
        return;
    }
    if (dm_folders_chain(inbox->folders, row->path) == NULL) {
        g_autofree char *dir = dm_path_dir(row->path); // renamed, deleted perhaps
        dm_plan_ask(inbox, dir);
    } else if (has_room_for(inbox, row->id)) {
        struct dm_pending *pending =
            dm_pendings_add(inbox->pendings, row->path, row->id, inbox->now_us);
        dm_pendings_schedule(inbox->pendings, pending, inbox->now_us);
    }
}

/** The oldest of those that wait, as soon as half of the room is free. */
static void take_backlog(struct dm_inbox *inbox) {
    if (!inbox->backlog || count_settling(inbox) > PENDINGS_MAX / 2) {
        return;
    }
    const struct dm_query query = {
        .states = 1u << DM_STATE_SEEN, .after_id = inbox->backlog_id, .limit = ROWS_PER_TURN};
    g_autoptr(GPtrArray) rows = dm_ledger_list(inbox->ledger, &query);
    inbox->backlog = rows->len == ROWS_PER_TURN;
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        inbox->backlog_id = row->id;
        adopt(inbox, row);
    }
}

void dm_reconcile_adopt(struct dm_inbox *inbox) {
    const GArray *seen = dm_ledger_seen(inbox->ledger);
    for (guint i = 0; i < inbox->others_seen; i++) {
        DM_AUTO_ROW struct dm_row *row =
            dm_ledger_get(inbox->ledger, g_array_index(seen, int64_t, i));
        if (row != NULL) {
            adopt(inbox, row);
        }
    }
    take_backlog(inbox);
}
