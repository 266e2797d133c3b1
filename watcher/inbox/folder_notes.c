// SPDX-License-Identifier: MIT
//
// Folder notes: the inbox's texts for people, written and removed by the share; the same problems
// go into the ledger for `dropmill status`. The texts are in folders.c. Read first:
// inbox_private.h.
#include "watcher/inbox/inbox_private.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/note_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define RETRY_US (60 * G_USEC_PER_SEC)

/** A job for the share. */
struct note {
    struct dm_inbox *inbox;
    char *dir;
    const char *name, *title;
    // NULL: remove the note.
    char *text;
    // Errno; 0: done.
    int error;
};

/** Say whether there is something of that name that we have not written. */
static bool is_others(int dir_fd, const struct note *note) {
    struct stat s;
    return fstatat(dir_fd, note->name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
           !dm_note_file_begins(dir_fd, note->name, note->title);
}

static int apply(int dir_fd, const struct note *note) {
    int code = 0;
    if (is_others(dir_fd, note)) {
        return note->text == NULL ? 0 : EEXIST;
    }
    if (note->text == NULL) {
        code = unlinkat(dir_fd, note->name, 0);
    } else if (!dm_note_file_has_text(dir_fd, note->name, note->text)) {
        code = dm_note_file_write(dir_fd, note->name, note->text);
    }
    return code == 0 ? 0 : errno;
}

static int note_work(const struct dm_share_dirs *dirs, void *job) {
    struct note *note = job;
    int inbox_fd = dirs->rooms[DM_SHARE_INBOX];
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(inbox_fd, note->dir, O_RDONLY | O_DIRECTORY, 0);
    note->error = dir_fd >= 0 ? apply(dir_fd, note) : errno;
    return dm_errno_is_offline(note->error) ? note->error : 0;
}

/** The note is not there: let it be written again later. */
static void try_later(struct dm_inbox *inbox, const struct note *note) {
    struct dm_folder *folder = dm_folders_find(inbox->folders, note->dir);
    if (strcmp(note->name, DM_LATE_NOTE) == 0) {
        g_hash_table_remove(inbox->late_notes,
                            note->dir); // as the next turn of late.c does this one
    } else if (folder != NULL) {
        folder->noted = false;
        folder->note_us = inbox->now_us + RETRY_US;
    } else if (strcmp(note->name, DM_FULL_NOTE) == 0) {
        inbox->full_noted = false; // as the next sweep does this one
    } else if (*note->dir == '\0') {
        inbox->loose_noted = false; // the next look at the inbox brings it back
    }
}

static void note_done(void *job, bool done) {
    struct note *note = job;
    bool failed = done && note->error != 0 && note->error != ENOENT;
    if (failed) {
        g_autofree char *shown = dm_path_display(note->dir);
        dm_log_warning("cannot %s the note '%s' in the folder '%s': %s, will retry in 60 s",
                       note->text != NULL ? "write" : "remove", note->name, shown,
                       g_strerror(note->error));
    }
    if ((failed || !done) && note->text != NULL) {
        try_later(note->inbox, note);
    }
    dm_wake(&note->inbox->wake);
    g_free(note->dir);
    g_free(note->text);
    g_free(note);
}

/** A kind of note. */
struct kind {
    const char *name, *title;
};

static const struct kind of_folder = {DM_FOLDER_NOTE, DM_FOLDER_NOTE_TITLE};
static const struct kind of_loose = {DM_LOOSE_NOTE, DM_LOOSE_NOTE_TITLE};
static const struct kind of_late = {DM_LATE_NOTE, DM_LATE_NOTE_TITLE};
static const struct kind of_full = {DM_FULL_NOTE, DM_FULL_NOTE_TITLE};

/** A note in @dir, "" for the inbox itself; @text: (transfer full), NULL to remove it. */
static void push(struct dm_inbox *inbox, const char *dir, const struct kind *kind, char *text) {
    struct note *note = g_new0(struct note, 1);
    note->inbox = inbox;
    note->dir = g_strdup(dir);
    note->name = kind->name;
    note->title = kind->title;
    note->text = text;
    dm_share_push(inbox->share, note_work, note_done, note);
}

// ---- the ledger and the log

/** Say whether the ledger has, and so the log had, this problem of @dir; @reason NULL: any. */
static bool has_problem(const struct dm_inbox *inbox, const char *dir, const char *reason) {
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(inbox->ledger);
    for (guint i = 0; i < problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(problems, i);
        if (strcmp(problem->folder, dir) == 0) {
            return reason == NULL || strcmp(problem->message, reason) == 0;
        }
    }
    return false;
}

static void set_folder_problem(struct dm_inbox *inbox, const struct dm_folder *folder) {
    const char *suggestion = folder->suggestion != NULL ? folder->suggestion : "";
    if (!has_problem(inbox, folder->name, folder->reason)) {
        g_autofree char *shown = dm_path_display(folder->name);
        g_autofree char *reason = dm_path_display(folder->reason);
        g_autofree char *name = dm_path_display(suggestion);
        g_autofree char *hint = *name != '\0' ? g_strdup_printf(" to '%s'", name) : g_strdup("");
        dm_log_warning("the folder name '%s' is not understood (%s), its files will be left alone "
                       "until it is renamed%s",
                       shown, reason, hint);
    }
    dm_ledger_set_folder_problem(inbox->ledger, folder->name, folder->reason, suggestion);
}

static void set_loose_problem(struct dm_inbox *inbox) {
    static const char reason[] = "files lie loose in the inbox";
    if (!has_problem(inbox, "", reason)) {
        dm_log_warning("%s, will be left alone until they are moved into a folder", reason);
    }
    dm_ledger_set_folder_problem(inbox->ledger, "", reason, "");
}

void dm_folder_notes_clear_problem(struct dm_inbox *inbox, const char *dir) {
    if (*dir == '\0') {
        dm_log_message("no files lie loose in the inbox any more");
    } else {
        g_autofree char *shown = dm_path_display(dir);
        dm_log_message("the folder name '%s' is no longer a problem", shown);
    }
    dm_ledger_clear_folder_problem(inbox->ledger, dir);
}

// ---- which notes there are to be

static void note_folder(struct dm_inbox *inbox, struct dm_folder *folder) {
    folder->noted = true;
    push(inbox, folder->name, &of_folder, dm_folders_note(inbox->folders, folder));
    set_folder_problem(inbox, folder);
}

int64_t dm_folder_notes_turn(struct dm_inbox *inbox) {
    g_autoptr(GPtrArray) folders = dm_folders_list(inbox->folders);
    int64_t next_us = INT64_MAX;
    for (guint i = 0; i < folders->len; i++) {
        struct dm_folder *folder = g_ptr_array_index(folders, i);
        if (folder->chain != NULL || folder->noted) {
            continue;
        }
        if (folder->note_us <= inbox->now_us) {
            note_folder(inbox, folder);
        } else {
            next_us = MIN(next_us, folder->note_us);
        }
    }
    return next_us;
}

void dm_folder_notes_remove(struct dm_inbox *inbox, const char *dir) {
    push(inbox, dir, &of_folder, NULL);
}

void dm_folder_notes_loose(struct dm_inbox *inbox, bool loose, bool present) {
    if (loose && !inbox->loose_noted) {
        push(inbox, "", &of_loose, dm_folders_loose_note(inbox->folders));
        set_loose_problem(inbox);
    }
    if (!loose && (present || inbox->loose_noted)) {
        push(inbox, "", &of_loose, NULL);
    }
    if (!loose && has_problem(inbox, "", NULL)) {
        dm_folder_notes_clear_problem(inbox, "");
    }
    inbox->loose_noted = loose;
}

void dm_folder_notes_late(struct dm_inbox *inbox, const char *dir, const char *lines) {
    push(inbox, dir, &of_late, lines != NULL ? dm_folders_late_note(lines) : NULL);
}

void dm_folder_notes_full(struct dm_inbox *inbox, bool full) {
    if (full && !inbox->full_noted) {
        push(inbox, "", &of_full, dm_folders_full_note(inbox->max_folders));
        dm_log_warning("there are more than %" PRId64
                       " folders in the inbox, will leave the others "
                       "alone until there are fewer",
                       inbox->max_folders);
    }
    if (!full && (inbox->full_noted || inbox->full_seen)) {
        push(inbox, "", &of_full, NULL);
    }
    if (!full && inbox->full_noted) {
        dm_log_message("there are no longer too many folders in the inbox");
    }
    inbox->full_noted = full;
    inbox->full_seen = false;
}
