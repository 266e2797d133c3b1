// SPDX-License-Identifier: MIT
//
// The fifth door of the ledger: what it forgets, so that a year of work does not make it larger
// than what people still want to know. All of it comes in pieces, for a drop of 100,000 files has
// its day, too. Who goes through it, and when: watcher/expiry.h.
//
//   what                                       goes when
//   -----------------------------------------  -----------------------------------------------------
//   a line of history                          it is older
//   a row in DONE, or in FAILED and retired    it has been there longer (not where originals stay in
//                                              the inbox: its file would be new)
//   the name of a result, and its upload row   its input has no row any more, and no file has that
//                                              name (else a new result would not replace ours)
//
// Threads: the main loop only.
#ifndef DM_WATCHER_LEDGER_EXPIRY_H
#define DM_WATCHER_LEDGER_EXPIRY_H

#include "watcher/ledger/ledger.h"

/**
 * Delete at most @limit lines of history, the oldest, and (@files) at most as many rows of files in
 * each of their two states, from before @before_utc_us. Returns whether there may be more.
 */
bool dm_ledger_expire(struct dm_ledger *ledger, int64_t before_utc_us, bool files, int64_t limit);

/**
 * Look at the next @limit names of results behind @after (bytes; "" is before all): adds to @idle
 * (char *, owned) those whose input has no row. Returns the last one that was looked at (transfer
 * full), NULL behind the last. It costs the same wherever it begins.
 */
char *dm_ledger_idle_outputs(struct dm_ledger *ledger, const char *after, int64_t limit,
                             GPtrArray *idle);

/**
 * No file has the name @output: forget whose it was, unless its input has a row again, and what was
 * uploaded from there before @before_utc_us. A name with another upload row stays: @uploads is
 * false where the mirror wants to see for itself that a result is gone. Returns whether it went.
 */
bool dm_ledger_forget_output(struct dm_ledger *ledger, const char *output, bool uploads,
                             int64_t before_utc_us);

#endif
