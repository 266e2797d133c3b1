// SPDX-License-Identifier: MIT
//
// An original leaves the inbox: it is moved to the like-named place below another directory, and
// nothing that is already there is ever overwritten ("a.jpg", "a (2).jpg", "a (3).jpg"). Runs on
// the I/O thread.
#ifndef DM_WATCHER_SHARE_MOVE_H
#define DM_WATCHER_SHARE_MOVE_H

#include "common/wire.h"

#include <stdbool.h>

/** What is to be moved; all borrowed for the call. */
struct dm_move {
    // The inbox.
    int from_fd;
    // originals/ or failed/.
    int to_fd;
    // Relative to both.
    const char *path;
    // (nullable) Relative to `to_fd`, if it is another there.
    const char *to_path;
    // What must be there.
    const struct dm_fingerprint *fingerprint;
    // Name for a copy in the making, when the two are different file systems.
    const char *temp;
    // (nullable) Called before each try with the directory and the name that is tried. Returns 0,
    // or an errno: EEXIST takes the next name, any other ends the move.
    int (*reserve)(int dir_fd, const char *name, void *data);
    void *data;
};

enum dm_moved {
    DM_MOVED,         // it is in its new place
    DM_MOVED_GONE,    // it is not in the inbox
    DM_MOVED_CHANGED, // something else is there in its place; that was left there
    DM_MOVED_REFUSED, // errno says why
};

/** @ret_path: where it is now, relative to @to_fd, (transfer full). @ret_put: (nullable) the state
 * in which we have put it there; a copy on another file system is another file. */
enum dm_moved dm_move(const struct dm_move *move, char **ret_path, struct dm_fingerprint *ret_put);

/** Where below @to_fd an earlier dm_move() of @path put this very file: (transfer full), or NULL.
 */
char *dm_move_find(int to_fd, const char *path, const struct dm_fingerprint *fingerprint);

/** Say whether @name in @dir_fd is the file that @expected tells of, and unchanged: a move changes
 * its ctime and nothing else. */
bool dm_move_is_same(int dir_fd, const char *name, const struct dm_fingerprint *expected);

/**
 * Rename @from/@old to @to/@new, which must not be there: -1 with EEXIST if it is. Where the file
 * system cannot promise that (NFS, SMB), by looking first. Returns 0, or -1 with errno.
 */
int dm_rename_new(int from, const char *old, int to, const char *new);

/** The name for the try @n: the name itself for 1, "a (2).jpg" for 2; (transfer full). */
char *dm_move_numbered(const char *name, unsigned n);

#endif
