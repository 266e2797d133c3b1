// SPDX-License-Identifier: MIT
//
// The third door of the ledger, for those who look on: drops. A drop is what lies in one folder
// below a chain folder ("resize-1600/Holiday 2024"), or loose in the chain folder ("resize-1600").
// There is no table of them: they are ranges of paths, counted when that is asked for, which costs
// as many rows as there are in the drop. Read-only; threads: the main loop of whoever has opened
// the ledger.
#ifndef DM_WATCHER_LEDGER_DROPS_H
#define DM_WATCHER_LEDGER_DROPS_H

#include "watcher/ledger/ledger.h"

#define DM_DROP_NEWEST 6

/** What is known of some rows. A plain record. */
struct dm_tally {
    int64_t rows[DM_STATE_COUNT];
    // Of the originals, and of the results.
    int64_t input_bytes, result_bytes;
    // When the first was seen and the last one changed its state; 0: there are none.
    int64_t first_utc_us, last_utc_us;
    // Of those that are done, since the time that was asked for.
    int64_t done_since;
};

/** The drop that the file at @path (relative to the inbox) is of; (transfer full). Pure. */
char *dm_drop_of(const char *path);

/** Say whether @drop is of the files loose in a chain folder. Pure. */
bool dm_drop_is_loose(const char *drop);

/** Count the rows of @drop. */
void dm_ledger_tally_drop(struct dm_ledger *ledger, const char *drop, struct dm_tally *ret);

/** Count all rows below the chain folder @folder. */
void dm_ledger_tally_folder(struct dm_ledger *ledger, const char *folder, int64_t since_utc_us,
                            struct dm_tally *ret);

/** Ids of the newest results of @drop, newest first; returns how many. */
unsigned dm_ledger_newest_results(struct dm_ledger *ledger, const char *drop,
                                  int64_t ret_ids[DM_DROP_NEWEST]);

/** At most @limit rows of @drop in @states (bits 1u << DM_STATE_x) whose path comes after
 * @after_path ("": all), by path: GPtrArray of struct dm_row (transfer full). */
GPtrArray *dm_ledger_drop_rows(struct dm_ledger *ledger, const char *drop, unsigned states,
                               const char *after_path, int64_t limit);

/** At most @limit failed rows, newest first, whose id is below @before_id (0: all). */
GPtrArray *dm_ledger_failed_rows(struct dm_ledger *ledger, int64_t before_id, int64_t limit);

/** How many rows became done since then. */
int64_t dm_ledger_done_since(struct dm_ledger *ledger, int64_t since_utc_us);

/** At most @limit drops with files that wait, by name: GPtrArray of char * (transfer full). It
 * makes four times as many searches in an index at most: where very many files lie loose in a
 * folder, drops whose names come later may be missing. */
GPtrArray *dm_ledger_waiting_drops(struct dm_ledger *ledger, unsigned limit);

/** The history behind the line @after_id (0: from the beginning), newest first, at most @limit
 * lines: GPtrArray of struct dm_history (transfer full); @ret_last_id: the newest line there is. */
GPtrArray *dm_ledger_history_after(struct dm_ledger *ledger, int64_t after_id, int64_t limit,
                                   int64_t *ret_last_id);

#endif
