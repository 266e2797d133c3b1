// SPDX-License-Identifier: MIT
//
// Notes: the texts that people find beside a file that could not be processed. failed/x.jpg has the
// note failed/x.jpg.txt, which lives as long as failed/x.jpg does.
#ifndef DM_WATCHER_OUTBOX_NOTES_H
#define DM_WATCHER_OUTBOX_NOTES_H

#include "common/note.h"
#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/** The name of the note for the file @name (a name, not a path); (transfer full). */
char *dm_note_name(const char *name);

/** What happened to @row's file, why and what to do, in plain words: UTF-8, (transfer full). Pure.
 */
char *dm_note_text(const struct dm_row *row, int64_t utc_us);

/** Remove the note for the file @name unless that file is there. Returns whether a note went. */
bool dm_note_remove_stale(int dir_fd, const char *name);

#endif
