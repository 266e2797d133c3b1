// SPDX-License-Identifier: MIT
//
// Failure notes: the texts that people find beside a file that could not be processed. failed/x.jpg
// has the note failed/x.jpg.txt, which lives as long as failed/x.jpg does.
#ifndef DM_WATCHER_OUTBOX_FAILURE_NOTE_H
#define DM_WATCHER_OUTBOX_FAILURE_NOTE_H

#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

/** What happened to @row's file (FAILED), when, why and what to do, in plain words: UTF-8,
 * (transfer full). Pure. */
char *dm_failure_note_text(const struct dm_row *row);

/** Say whether the file @dir_fd/@name is a failure note of the row @id. */
bool dm_failure_note_is_of(int dir_fd, const char *name, int64_t id);

#endif
