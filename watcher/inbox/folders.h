// SPDX-License-Identifier: MIT
//
// Folders: what the first-level directories of the inbox mean. A name is parsed once and
// remembered; one that is not understood gets a note for people after a time of grace, for desktops
// create a folder first and let it be named after. No file is touched here: folder_notes.c writes.
#ifndef DM_WATCHER_INBOX_FOLDERS_H
#define DM_WATCHER_INBOX_FOLDERS_H

#include "common/catalogue.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

// The notes that we put into the inbox; never taken for input.
#define DM_FOLDER_NOTE "READ ME - folder name not understood.txt"
#define DM_LOOSE_NOTE "READ ME - put files into a folder.txt"
#define DM_LATE_NOTE "READ ME - files that are not complete.txt"
#define DM_FULL_NOTE "READ ME - too many folders.txt"

// How they begin: what is called so and begins otherwise is somebody's. They must not change.
#define DM_FOLDER_NOTE_TITLE                                                                       \
    "The name of this folder says what is done with the pictures in it, and the name\n"
#define DM_LOOSE_NOTE_TITLE                                                                        \
    "There are files here that lie in no folder, so nobody knows what to do with them.\n"
#define DM_LATE_NOTE_TITLE                                                                         \
    "Some files in this folder do not seem to be complete, so they are not processed:\n"
#define DM_FULL_NOTE_TITLE "There are more folders here than can be looked at.\n"

/** Say whether a file of this name is one of our notes. */
bool dm_folders_is_note(const char *name);

/** One first-level directory. */
struct dm_folder {
    char *name;
    // Canonical, recipes expanded; NULL: not understood.
    char *chain;
    // Why not; NULL if it is understood.
    char *reason;
    // (nullable) the nearest name that would be.
    char *suggestion;
    // When its note is due.
    int64_t note_us;
    // The note is on its way or there.
    bool noted;
};

/** What names are read against; borrowed. */
struct dm_folder_rules {
    const struct dm_catalogue *catalogue;
    // (nullable).
    GHashTable *recipes;
    bool recipes_only;
    int64_t grace_us;
};

struct dm_folders;

struct dm_folders *dm_folders_new(const struct dm_folder_rules *rules);
void dm_folders_free(struct dm_folders *folders);

/** The folder @name, first seen at @now_us if it is new; owned by @folders. */
struct dm_folder *dm_folders_add(struct dm_folders *folders, const char *name, int64_t now_us);

/** Why a folder called @name is not understood, and what would be, for people, (transfer full);
 * NULL: it is. Nothing is remembered. */
char *dm_folders_objection(const struct dm_folders *folders, const char *name);

/** The folder @name if it was added, or NULL. */
struct dm_folder *dm_folders_find(const struct dm_folders *folders, const char *name);

/** The canonical chain of the folder that @path (a directory or file in it) belongs to; NULL: it is
 * not understood. */
const char *dm_folders_chain(const struct dm_folders *folders, const char *path);

/** Forget the folder @name. */
void dm_folders_remove(struct dm_folders *folders, const char *name);

/** All of them: an array of const struct dm_folder *, borrowed; (transfer container). */
GPtrArray *dm_folders_list(const struct dm_folders *folders);

/** How many there are, understood or not. */
unsigned dm_folders_size(const struct dm_folders *folders);

/** How many are understood. */
int64_t dm_folders_count(const struct dm_folders *folders);

/** The notes for a folder that is not understood, for files loose in the inbox, for files that are
 * late (a line each), and for more than @max folders; (transfer full). */
char *dm_folders_note(const struct dm_folders *folders, const struct dm_folder *folder);
char *dm_folders_loose_note(const struct dm_folders *folders);
char *dm_folders_late_note(const char *lines);
char *dm_folders_full_note(int64_t max);

#endif
