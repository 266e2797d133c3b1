// SPDX-License-Identifier: MIT
//
// Litter: what a kill -9, a dead worker or a user's move left behind, found by walks over
// directories and removed with care. Runs on the lane. Who may decide what is litter: chores.c.
#ifndef DM_WATCHER_OUTBOX_LITTER_H
#define DM_WATCHER_OUTBOX_LITTER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Called for each directory of a walk: @dir relative to the root, @names of what is in it. */
typedef void (*dm_litter_fn)(int dir_fd, const char *dir, GPtrArray *names, void *data);

/** A walk over all directories below a root, in pieces. */
struct dm_walk;
struct dm_walk *dm_walk_new(void);
void dm_walk_free(struct dm_walk *walk);

/** Go on until @budget names were read (a directory is never cut). Returns whether there is more.
 */
bool dm_walk_step(struct dm_walk *walk, int root_fd, size_t budget, dm_litter_fn visit, void *data);

/** For a walk: collect the paths of our temporaries into @data, a GPtrArray of char *. */
void dm_litter_find_temps(int dir_fd, const char *dir, GPtrArray *names, void *data);

/** For a walk over failed/: remove notes whose file is not there, and halves of notes. */
void dm_litter_drop_notes(int dir_fd, const char *dir, GPtrArray *names, void *data);

/** Remove a temporary of ours; absent is fine. Returns 0, or -1 with errno. */
int dm_litter_remove_temp(int outbox_fd, const char *path);

/** Remove an original and the directories that it leaves empty; absent is fine. 0, or -1 with
 * errno. */
int dm_litter_remove_original(int originals_fd, const char *path);

/** Remove the directory @dir beneath @root_fd and those above it, as far as they are empty. */
void dm_litter_remove_empty_dirs(int root_fd, const char *dir);

#endif
