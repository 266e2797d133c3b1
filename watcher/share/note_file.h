// SPDX-License-Identifier: MIT
//
// Note files: the texts that we put before people in the share are written whole or not at all, and
// a failure note is known by its first line wherever people carry it: the outbox writes and removes
// them, the inbox meets those that come back with their picture. What they say: inbox/folders.c,
// outbox/failure_note.c.
#ifndef DM_WATCHER_SHARE_NOTE_FILE_H
#define DM_WATCHER_SHARE_NOTE_FILE_H

#include <stdbool.h>

/** The page of names, in the share and in its inbox: `dropmill setup` writes it. */
#define DM_HOWTO_NAME "_How to name folders.html"

/** How every failure note begins. It must not change between versions. */
#define DM_NOTE_TITLE "dropmill: this file could not be processed\n"

/** What a failure note's name ends with: the note of x.jpg is x.jpg.txt. */
#define DM_NOTE_SUFFIX ".txt"

/** What a note is called while it is being written, unless somebody else's file is called so. */
#define DM_NOTE_HALF ".dropmill-note.tmp"

/** The name of the failure note for the file @name (a name, not a path); (transfer full). */
char *dm_note_file_name(const char *name);

/** Write @text as @dir_fd/@name: temporary, then rename. Returns 0, or -1 with errno. */
int dm_note_file_write(int dir_fd, const char *name, const char *text);

/** Say whether the file @dir_fd/@name holds @text and nothing else. */
bool dm_note_file_has_text(int dir_fd, const char *name, const char *text);

/** Say whether the regular file @dir_fd/@name begins with the line @title. */
bool dm_note_file_begins(int dir_fd, const char *name, const char *title);

/** Say whether @name in @dir_fd is what we left of something half written. */
bool dm_note_file_is_half(int dir_fd, const char *name);

/**
 * Say whether @name in the directory @dir_fd is a failure note that we wrote: a regular file that
 * ends and begins as one. Nothing else of that name is ever removed.
 */
bool dm_note_file_is_ours(int dir_fd, const char *name);

/** Remove the failure note for the file @name unless that file is there. Returns whether one went.
 */
bool dm_note_file_remove_stale(int dir_fd, const char *name);

#endif
