// SPDX-License-Identifier: MIT
//
// Dirs: the directories of the inbox that belong to understood folders, and the inbox itself (""),
// as far as they are known: asked for, or read. A container only.
#ifndef DM_WATCHER_INBOX_DIRS_H
#define DM_WATCHER_INBOX_DIRS_H

#include "common/wire.h"

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
    // How often the share was accused for names in it since all of them could be looked at.
    unsigned accusations;
    // Set by dm_dirs_set_watched() alone. Blind: others may change it without our being told.
    bool watched, blind;
    // As it was when all of it was read last; ino 0: it has to be read again.
    struct dm_fingerprint stamp;
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

void dm_dirs_set_watched(struct dm_dirs *dirs, struct dm_dir *dir, bool watched, bool blind);

/** How many there are. */
unsigned dm_dirs_count(const struct dm_dirs *dirs);

/** How many are not watched; how many are blind; how many are either. */
unsigned dm_dirs_unwatched(const struct dm_dirs *dirs);
unsigned dm_dirs_blind(const struct dm_dirs *dirs);
unsigned dm_dirs_polled(const struct dm_dirs *dirs);
bool dm_dir_is_polled(const struct dm_dir *dir);

/** @path if it is known, and all that are below it: an array of struct dm_dir *, borrowed;
 * (transfer container). "" is above everything. */
GPtrArray *dm_dirs_below(const struct dm_dirs *dirs, const char *path);

#endif
