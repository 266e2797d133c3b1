// SPDX-License-Identifier: MIT
//
// A drop on the board: what was counted of it, how fast it goes, and when it is to be counted
// again. Pure.
#ifndef DM_WATCHER_PAGE_BOARD_DROP_H
#define DM_WATCHER_PAGE_BOARD_DROP_H

#include "watcher/ledger/drops.h"

#include <stdbool.h>
#include <stdint.h>

// A drop is counted so seldom that it takes a twentieth of the time at most.
#define DM_BOARD_COST_FACTOR 20

/** A drop as it was counted last. */
struct dm_board_drop {
    // As dm_drop_of() gives it.
    char *path;
    struct dm_tally tally;
    int64_t newest[DM_DROP_NEWEST];
    unsigned newest_count;
    // Pictures that became done, a second; 0: not known.
    double rate;
    // As its sender has announced; 0: it came over the network.
    int64_t expected_files;
    // As its sender has brought; the daemon may not know of them yet.
    int64_t came_files;

    // When it is to be counted again, and what that costs: see dm_board_drop_is_due().
    bool changed;
    int64_t counted_us, cost_us;
    int64_t rate_since_us, rate_done;
};

/** How many of a drop wait (or are still being copied), are in work, have ended. */
int64_t dm_board_waiting(const struct dm_tally *tally);
int64_t dm_board_processing(const struct dm_tally *tally);
int64_t dm_board_ended(const struct dm_tally *tally);
/** How many are here: as the ledger knows, or as were sent. */
int64_t dm_board_here(const struct dm_board_drop *drop);
int64_t dm_board_total(const struct dm_board_drop *drop);
/** Seconds until a drop is done; -1: not known. */
int64_t dm_board_seconds_left(const struct dm_board_drop *drop);
/** Say whether it is not at its end. */
bool dm_board_drop_is_at_work(const struct dm_board_drop *drop);

/** Of two struct dm_board_drop **: those in work first, then the newest first. */
int dm_board_drop_compare(const void *a, const void *b);

/** It was counted at @now_us (monotonic): how fast it goes, smoothed; after some seconds without a
 * picture it does not go. */
void dm_board_drop_measure(struct dm_board_drop *drop, int64_t now_us);

/** Say whether it should be counted now: it has changed, or its rate has to fall. */
bool dm_board_drop_is_due(const struct dm_board_drop *drop, int64_t now_us);

#endif
