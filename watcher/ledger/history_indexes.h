// SPDX-License-Identifier: MIT
//
// The conditions of the partial indexes of the history: schema.c makes these with them, and a query
// says them word by word. They stand in every ledger on disk: never change one, add an index.
#ifndef DM_WATCHER_LEDGER_HISTORY_INDEXES_H
#define DM_WATCHER_LEDGER_HISTORY_INDEXES_H

// What every file goes through, as SQL and as C have it.
#define DM_HISTORY_RARE_FACT                                                                       \
    "fact NOT IN ('settled', 'dispatched', 'computed', 'published', 'retired', 'synced')"
#define DM_HISTORY_COMMON_LIST "settled", "dispatched", "computed", "published", "retired", "synced"

#define DM_HISTORY_REASON "reason != 'none'"

// Failed, parked, gone.
#define DM_HISTORY_RARE_STATE "state >= 6"

#endif
