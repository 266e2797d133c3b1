// SPDX-License-Identifier: MIT
//
// Walk: over all directories below a root, in pieces; and removals that leave no empty directories.
// Nothing leads out of the root. Runs on the I/O thread.
#ifndef DM_WATCHER_SHARE_WALK_H
#define DM_WATCHER_SHARE_WALK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Called for each directory of a walk: @dir relative to the root, @names of what is in it. */
typedef void (*dm_walk_fn)(int dir_fd, const char *dir, GPtrArray *names, void *data);

struct dm_walk;
struct dm_walk *dm_walk_new(void);
void dm_walk_free(struct dm_walk *walk);

/** Go on until @budget names were read (a directory is never cut). Returns whether there is more.
 */
bool dm_walk_step(struct dm_walk *walk, int root_fd, size_t budget, dm_walk_fn visit, void *data);

/** Remove the file @path beneath @root_fd; absent is fine. Returns 0, or -1 with errno. */
int dm_remove_beneath(int root_fd, const char *path);

/** The same for what we left: what is not a regular file of ours stays, and that is fine. */
int dm_remove_ours_beneath(int root_fd, const char *path);

/** Remove the directory @dir beneath @root_fd and those above it, as far as they are empty. */
void dm_remove_empty_dirs(int root_fd, const char *dir);

#endif
