// SPDX-License-Identifier: MIT
//
// Whether the ledger's file is sound, asked of SQLite: for `dropmill doctor`.
#ifndef DM_WATCHER_LEDGER_SOUNDNESS_H
#define DM_WATCHER_LEDGER_SOUNDNESS_H

#include "watcher/ledger/ledger.h"

/**
 * Look through the ledger for at most @for_us; a daemon that has it open goes on meanwhile.
 * @ret_all: (nullable) whether all of it was seen. Returns whether what was seen is sound; @error:
 * DM_ERROR_SYSTEM, what is not.
 */
bool dm_ledger_is_sound(struct dm_ledger *ledger, int64_t for_us, bool *ret_all, GError **error);

#endif
