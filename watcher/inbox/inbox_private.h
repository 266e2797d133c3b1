// SPDX-License-Identifier: MIT
//
// The inside of the inbox, for its own files (and its tests). One turn goes through them in this
// order:
//
//   notify.c        what has happened?                    dm_plan_event
//   reconcile.c     what did the sweeps find?             dm_reconcile, dm_reconcile_adopt
//   folder_notes.c  which folders need a note?            dm_folder_notes_turn
//   plan.c          what is to be looked at next?         dm_plan_due, dm_plan_push
//
// Files are made of those below them: dirs < plan < settling, trigger, refused < reconcile < inbox.
// All belongs to the main loop.
#ifndef DM_WATCHER_INBOX_INBOX_PRIVATE_H
#define DM_WATCHER_INBOX_INBOX_PRIVATE_H

#include "watcher/inbox/dirs.h"
#include "watcher/inbox/folders.h"
#include "watcher/inbox/glance.h"
#include "watcher/inbox/habits.h"
#include "watcher/inbox/notify.h"
#include "watcher/inbox/pending.h"
#include "watcher/inbox/settle.h"
#include "watcher/inbox/sweep.h"
#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

/** What is to be looked at in one directory. */
struct dm_request {
    bool whole;
    // char * -> see dm_plan_evidence().
    GHashTable *names;
};

struct dm_inbox {
    // Borrowed.
    const char *const *ignore;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_wake wake;

    // Files stay when they are done.
    bool leave;

    // Parts.
    // NULL: there is no inotify to be had.
    struct dm_notify *notify;
    struct dm_folders *folders;
    struct dm_pendings *pendings;
    struct dm_habits *habits;
    struct dm_inbox_settings settings;

    // What is known and what is asked.
    struct dm_dirs *dirs;
    // Path -> struct dm_request, not yet a sweep.
    GHashTable *requests;
    // Paths of odd files that the log has named.
    GHashTable *warned;
    // Path -> int64_t: files of DONE rows that are there, and since when they are asked for again.
    GHashTable *returned;
    // struct dm_sweep, back from the share.
    GQueue answers;
    // Paths of files that are late; directory -> the lines of its note about them.
    GHashTable *late, *late_notes;
    int64_t late_us;
    // Sweeps and glances under way.
    unsigned asked;
    // The glance of the last sweep, while it is under way.
    struct dm_glance *glance;
    // Counts sweeps.
    unsigned generation;
    // Look at all there is, and at all that the ledger believes in.
    bool everything;
    // From this path on the ledger's rows are to be looked at for that; NULL: they have been.
    char *rows_from;
    // So many of dm_ledger_seen() are others', in this turn.
    guint others_seen;
    // Rows in SEEN wait for room among `pendings`: those after this id.
    bool backlog;
    int64_t backlog_id;
    // The note about loose files is on its way or there.
    bool loose_noted;
    // So many folders are looked at; whether this sweep met more of them; whether the note that
    // says so is on its way or there.
    int64_t max_folders;
    bool is_full, full_noted;
    // A note of that name was there, perhaps of an earlier daemon.
    bool full_seen;

    // Watching.
    // Errno of the last one that should have one; 0: none.
    int watch_error;
    guint fd_source, pause_source;

    // Time.
    // Of this turn.
    int64_t now_us;
    int64_t sweep_us, sweep_at_us;
    // The sweep of directories whose changes nobody tells of: what the last one asks for, when the
    // next one is due, since when one is under way (0: none), and how many have not answered.
    int64_t poll_us, poll_at_us, poll_began_us;
    unsigned poll_left;
    // How often events were lost.
    int64_t overflows;
    // When a folder was last read, or all were found to be as they were; 0: not yet.
    int64_t scanned_utc_us;
    // For sweeps.
    int64_t grain_ns;
    // Of the share, at our last turn.
    unsigned returns;
};

/** Make the table of requests. */
GHashTable *dm_plan_requests_new(void);

/** Take a hint; a dm_notify_fn with the inbox as its data. */
void dm_plan_event(const struct dm_notify_event *event, void *data);

/** Say whether one folder more may be looked at. If not, people will be told. */
bool dm_plan_has_room(struct dm_inbox *inbox);

/** Ask for the whole of @dir; for @name in it, @evidence being DM_EVIDENCE_COUNT if there is none
 * new; for a probe of it. */
void dm_plan_ask(struct dm_inbox *inbox, const char *dir);
void dm_plan_ask_name(struct dm_inbox *inbox, const char *dir, const char *name,
                      enum dm_evidence evidence);
void dm_plan_ask_probe(struct dm_inbox *inbox, const char *dir, const char *name);

/** What an event left of @name, for which @sweep asked; DM_EVIDENCE_COUNT: there was none. */
enum dm_evidence dm_plan_evidence(const struct dm_sweep *sweep, const char *name);

/** Forget @dir, its watch, and all below it. */
void dm_plan_forget(struct dm_inbox *inbox, const char *dir);

/** Ask for what the clock says is due; make requests into sweeps of the share. */
void dm_plan_due(struct dm_inbox *inbox);
void dm_plan_push(struct dm_inbox *inbox);

/** Read the next part of @sweep (transfer full). */
void dm_plan_read_on(struct dm_inbox *inbox, struct dm_sweep *sweep);

/** How often directories are polled, as it is now. */
int64_t dm_plan_poll_us(const struct dm_inbox *inbox);

/**
 * Compare what @sweep found with the ledger, going on from where it stopped last. Takes what it
 * read off @budget. Returns false if the budget ran out: call it again with the same sweep.
 */
bool dm_reconcile(struct dm_inbox *inbox, struct dm_sweep *sweep, unsigned *budget);

/** A look at a file that settles: it is finished, or looked at again. */
void dm_settling_look(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                      const struct dm_sweep_entry *entry, struct dm_pending *pending);

/** A file is not as it was when it was taken: learn from it if its writer had closed it and was not
 * done. */
void dm_settling_learn(struct dm_inbox *inbox, const struct dm_sweep *sweep,
                       const struct dm_sweep_entry *found, const struct dm_row *row);

/** Say when (us) a file that is not finished should be looked at so that it can become late. */
int64_t dm_late_look(struct dm_inbox *inbox, const struct dm_pending *pending);

/** Write and remove the notes about late files. Returns when the next turn is wanted. */
int64_t dm_late_turn(struct dm_inbox *inbox);

/** There is a note about late files in @dir, perhaps of an earlier daemon. */
void dm_late_note_seen(struct dm_inbox *inbox, const char *dir);

/** How many files are late; if any, @ret_oldest is the one that has waited longest, and for what,
 * in words; (transfer full). */
int64_t dm_late_count(const struct dm_inbox *inbox, char **ret_oldest);

/** The trigger of @triggered was seen in @dir. */
void dm_trigger_seen(struct dm_inbox *inbox, const char *dir, const struct dm_sweep_entry *entry,
                     const char *triggered);

/** @entry of @sweep could not be looked at, and nobody said that it is not there. */
void dm_refused_name(struct dm_inbox *inbox, struct dm_sweep *sweep,
                     const struct dm_sweep_entry *entry);

/** Nothing was learned of the names that @sweep asks for; nor of its directory. */
void dm_refused_names(struct dm_inbox *inbox, const struct dm_sweep *sweep);
void dm_refused_dir(struct dm_inbox *inbox, const struct dm_sweep *sweep);

/** Let rows settle that others have put back into SEEN, and those for which there was no room. */
void dm_reconcile_adopt(struct dm_inbox *inbox);

/** Write the notes that are due. Returns when the next one is. */
int64_t dm_folder_notes_turn(struct dm_inbox *inbox);

/** Remove the note DM_FOLDER_NOTE from @dir. */
void dm_folder_notes_remove(struct dm_inbox *inbox, const char *dir);

/** The folder @dir, which has a problem in the ledger, has none any more; "": no loose files. */
void dm_folder_notes_clear_problem(struct dm_inbox *inbox, const char *dir);

/** Files lie loose in the inbox, or none; its note is @present, or not. */
void dm_folder_notes_loose(struct dm_inbox *inbox, bool loose, bool present);

/** Files in @dir are late: @lines tell which, one each; NULL: none is any more. */
void dm_folder_notes_late(struct dm_inbox *inbox, const char *dir, const char *lines);

/** There are more folders than may be looked at, or no longer. */
void dm_folder_notes_full(struct dm_inbox *inbox, bool full);

#endif
