// SPDX-License-Identifier: MIT
//
// The board: what is going on, as the page shows it. It asks the daemon for its status and the
// ledger for what changed, when somebody wants to know and at most four times a second, however
// many want to know; drops are counted again only when the history names them, and large ones more
// seldom.
//
// Threads: the main loop only.
#ifndef DM_WATCHER_PAGE_BOARD_H
#define DM_WATCHER_PAGE_BOARD_H

#include "watcher/ledger/drops.h"
#include "watcher/page/board_drop.h"
#include "watcher/page/expected.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_board;

struct dm_board_config {
    // Where the ledger is; it need not be there yet.
    const char *ledger;
    // The daemon's socket.
    const char *control;
    // What senders have announced.
    struct dm_expected_store *expected;
    /** (nullable) Called after a look that found something new: @drop (nullable) the drop. */
    void (*changed)(const char *kind, const char *drop, void *data);
    void *data;
};

struct dm_board *dm_board_new(const struct dm_board_config *config);
void dm_board_free(struct dm_board *board);

/** Call @fresh when the board is not older than a quarter of a second: at once, or soon. */
void dm_board_look(struct dm_board *board, void (*fresh)(void *data), void *data);
/** Do not. */
void dm_board_forget(struct dm_board *board, void *data);

/** Keep it fresh while @on: somebody listens to what changes. */
void dm_board_watch(struct dm_board *board, bool on);

/** (nullable) The ledger, if it is there; for what the board does not have. */
struct dm_ledger *dm_board_ledger(struct dm_board *board);

/** The daemon's status, as dm_status_read() gives it; NULL: it does not answer, see
 * dm_board_silence(). */
GHashTable *dm_board_status(const struct dm_board *board);
/** Of the status: a number (0 without a daemon), a text ("" without). */
int64_t dm_board_number(const struct dm_board *board, const char *name);
const char *dm_board_text(const struct dm_board *board, const char *name);
/** Why there is no status; "" if there is. */
const char *dm_board_silence(const struct dm_board *board);

/** Drops, those in work first, then the newest first: of const struct dm_board_drop *. */
const GPtrArray *dm_board_drops(struct dm_board *board);
/** One drop, counted now if it is not on the board; NULL: there are no files of it. */
const struct dm_board_drop *dm_board_drop(struct dm_board *board, const char *path);

/** All rows of the ledger by state, and how many became done today (local time). */
const int64_t *dm_board_rows(const struct dm_board *board);
int64_t dm_board_done_today(const struct dm_board *board);
/** Pictures a second of all drops together; 0: none or not known. */
double dm_board_rate(const struct dm_board *board);
/** The newest lines of the history, newest first: of struct dm_history. */
const GPtrArray *dm_board_log(const struct dm_board *board);

#endif
