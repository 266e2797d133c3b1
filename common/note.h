// SPDX-License-Identifier: MIT
//
// The mark of a failure note, by which it is known wherever people carry it: the outbox writes and
// removes notes, the inbox meets those that come back with their picture. Texts: outbox/notes.c.
#ifndef DM_COMMON_NOTE_H
#define DM_COMMON_NOTE_H

#include <stdbool.h>

/** How every failure note begins. It must not change between versions. */
#define DM_NOTE_TITLE "dropmill: this file could not be processed\n"

/** What a note's name ends with: the note of x.jpg is x.jpg.txt. */
#define DM_NOTE_SUFFIX ".txt"

/**
 * Say whether @name in the directory @dir_fd is a note that we wrote: a regular file that ends and
 * begins as one. Nothing else of that name is ever removed.
 */
bool dm_note_is_ours(int dir_fd, const char *name);

#endif
