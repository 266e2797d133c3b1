// SPDX-License-Identifier: MIT
//
// The eighth door of the ledger, for the room that tells people (watcher/notices/): three tables.
//
//   notice   what is to be told, one row for each way; there until it has gone out that way
//   ended    what has ended in a drop (drops.h) and was not told yet; there until it is told
//   trouble  what was told to be wrong; there until it is told that it is over
//
// They are written in the transaction of the moves that they tell of, so that nothing is told twice
// or not at all, whenever we are killed. Threads: the main loop only.
#ifndef DM_WATCHER_LEDGER_NOTICES_H
#define DM_WATCHER_LEDGER_NOTICES_H

#include "watcher/ledger/ledger.h"
#include "watcher/ledger/notice.h"

#include <glib.h>
#include <stdint.h>

/** Add @notice, and set its row. */
void dm_ledger_add_notice(struct dm_ledger *ledger, struct dm_notice *notice);

/** The one of @way whose time comes first, or NULL; (transfer full). */
struct dm_notice *dm_ledger_next_notice(struct dm_ledger *ledger, enum dm_notice_way way);

/** The one of @way that was made first, or NULL; (transfer full). */
struct dm_notice *dm_ledger_oldest_notice(struct dm_ledger *ledger, enum dm_notice_way way);

/** Write attempts, tried and not_before of @notice. */
void dm_ledger_save_notice(struct dm_ledger *ledger, const struct dm_notice *notice);

/** It has gone out, or never will. */
void dm_ledger_forget_notice(struct dm_ledger *ledger, int64_t row);

/** How many there are of @way; reads all of them. */
int64_t dm_ledger_count_notices(struct dm_ledger *ledger, enum dm_notice_way way);

/** Forget all of @way. Returns how many. */
int64_t dm_ledger_forget_notices(struct dm_ledger *ledger, enum dm_notice_way way);

/** Write @ended; one of which nothing has ended is forgotten. */
void dm_ledger_save_ended(struct dm_ledger *ledger, const struct dm_ended *ended);

/** Call @each for all of them. What it is given is lent to it. */
void dm_ledger_each_ended(struct dm_ledger *ledger,
                          void (*each)(const struct dm_ended *ended, void *data), void *data);

/** Forget all of them. */
void dm_ledger_forget_ended(struct dm_ledger *ledger);

/** Remember that @problem, of the item @name, was told; it began then. */
void dm_ledger_save_trouble(struct dm_ledger *ledger, const char *name, const char *problem,
                            int64_t since_utc_us);
void dm_ledger_forget_trouble(struct dm_ledger *ledger, const char *name);

/** Call @each for all of them. */
void dm_ledger_each_trouble(struct dm_ledger *ledger,
                            void (*each)(const char *name, const char *problem,
                                         int64_t since_utc_us, void *data),
                            void *data);

/** Call @each for the path of every row that has not come to its end: SEEN to PUBLISHED, PARKED. */
void dm_ledger_each_unended(struct dm_ledger *ledger, void (*each)(const char *path, void *data),
                            void *data);

#endif
