// SPDX-License-Identifier: MIT
//
// Trying again: what lies in failed/ goes back into the inbox and its note goes away. That is all
// that it means, for the inbox takes it like any file that is dropped. The daemon does it for those
// who ask (orders.h), and `dropmill retry` where none runs. Runs on the I/O thread.
//
// Killed between the two a note is left; it goes when the file is done.
#ifndef DM_WATCHER_SHARE_PUT_BACK_H
#define DM_WATCHER_SHARE_PUT_BACK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Why a file stays that is not in failed/. */
#define DM_PUT_BACK_GONE "it is not in failed any more"

/**
 * Move @failed_fd/@from to @inbox_fd/@to; what is there is not replaced. Returns NULL, or why it
 * stays, for people: a literal or strerror()'s.
 */
const char *dm_put_back(int failed_fd, int inbox_fd, const char *from, const char *to);

/** What failed below a directory, found in pieces. */
struct dm_failed_walk;

/** @under: a directory or a file below failed/; "" is all of it. */
struct dm_failed_walk *dm_failed_walk_new(const char *under);
void dm_failed_walk_free(struct dm_failed_walk *walk);

/**
 * Go on until @budget names were read. Adds the paths of files, which are no notes, to @found
 * (char *, owned). Returns whether there is more.
 */
bool dm_failed_walk_step(struct dm_failed_walk *walk, int failed_fd, size_t budget,
                         GPtrArray *found);

#endif
