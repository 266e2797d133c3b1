// SPDX-License-Identifier: MIT
//
// Habits: what holds for the files of one directory when they are judged: the waits that are
// configured for it, and what was learned about those who write there. What was learned is in the
// ledger, and forgotten when it was not confirmed for 30 days.
#ifndef DM_WATCHER_INBOX_HABITS_H
#define DM_WATCHER_INBOX_HABITS_H

#include "watcher/inbox/settle.h"
#include "watcher/ledger/ledger.h"

struct dm_habits;

/** @settings and @ledger are borrowed. */
struct dm_habits *dm_habits_new(const struct dm_inbox_settings *settings, bool remote,
                                struct dm_ledger *ledger);
/** Accepts NULL. */
void dm_habits_free(struct dm_habits *habits);

/** What holds in @dir; good until the next call that changes habits. */
const struct dm_settle_place *dm_habits_of(struct dm_habits *habits, const char *dir);

/** @dir lies on a network file system, or not; until this is said, as the inbox does. */
void dm_habits_set_remote(struct dm_habits *habits, const char *dir, bool remote);

/** The file that the file @path in @dir says is finished, where such are asked for: its path,
 * (transfer full); NULL: it says so of none. */
char *dm_habits_triggered(struct dm_habits *habits, const char *dir, const char *path);

/** A file in @dir was taken, and @after_us after it was closed somebody wrote into it. */
void dm_habits_returned(struct dm_habits *habits, const char *dir, int64_t after_us);

/** A file in @dir was whole, and open all the same. */
void dm_habits_open(struct dm_habits *habits, const char *dir);

#endif
