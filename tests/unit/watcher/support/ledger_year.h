// SPDX-License-Identifier: MIT
//
// Days of work in fast motion: files go through the ledger in all the steps that the rooms take,
// with a mirror and with originals that are kept, while the clock is ours and the room of expiry
// has its turns. No file is real but the share: every result has been taken away when it is looked
// for. Each day one file in a hundred fails, and one in twenty has the name of one of yesterday's.
#ifndef DM_TESTS_LEDGER_YEAR_H
#define DM_TESTS_LEDGER_YEAR_H

#include "watcher/ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

struct year;

/** @path: of the ledger, new. @share: a directory for a share. @keep_days: of history. */
struct year *year_new(const char *path, const char *share, int64_t keep_days);
void year_free(struct year *year);

/** What a day was like. */
struct year_day {
    // Of the processor, for a file; of real time, for the longest transaction of work.
    int64_t us_a_file, longest_us;
    // The turns of the expiry, and the longest (real time).
    int64_t pieces, longest_piece_us;
    // Of SQLite's machine, for a file.
    int64_t steps_a_file;
};

/** A day of so many files. */
void year_go_on(struct year *year, int64_t files, struct year_day *ret);

/** The ledger as it is after its last commit. */
struct year_size {
    int64_t file_bytes, wal_bytes, pages, free_pages;
    int64_t files, history, outputs, originals, uploads;
};
void year_measure(struct year *year, struct year_size *ret);

struct dm_ledger *year_ledger(struct year *year);

#endif
