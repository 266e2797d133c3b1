// SPDX-License-Identifier: MIT
//
// Dirs: the directories of the inbox that belong to understood folders, and the inbox itself (""),
// as far as they are known: asked for, or read. A container only.
#ifndef DM_WATCHER_INBOX_DIRS_H
#define DM_WATCHER_INBOX_DIRS_H

#include <glib.h>
#include <stdbool.h>

/** One directory. */
struct dm_dir {
    // Relative to the inbox.
    char *path;
    // Of the sweep in which, or after which, all of it was last asked for.
    unsigned generation;
    // That it cannot be read.
    bool warned;
    // Set by dm_dirs_set_watched() alone.
    bool watched;
};

struct dm_dirs;

struct dm_dirs *dm_dirs_new(void);
void dm_dirs_free(struct dm_dirs *dirs);

/** The directory @path if it is known, or NULL; owned by @dirs. */
struct dm_dir *dm_dirs_find(const struct dm_dirs *dirs, const char *path);

/** The directory @path, known from now on; not watched if it is new. */
struct dm_dir *dm_dirs_add(struct dm_dirs *dirs, const char *path);

/** Forget @path and all below it. */
void dm_dirs_remove(struct dm_dirs *dirs, const char *path);

void dm_dirs_set_watched(struct dm_dirs *dirs, struct dm_dir *dir, bool watched);

/** How many there are. */
unsigned dm_dirs_count(const struct dm_dirs *dirs);

/** How many are not watched. */
unsigned dm_dirs_unwatched(const struct dm_dirs *dirs);

/** @path if it is known, and all that are below it: an array of struct dm_dir *, borrowed;
 * (transfer container). "" is above everything. */
GPtrArray *dm_dirs_below(const struct dm_dirs *dirs, const char *path);

#endif
