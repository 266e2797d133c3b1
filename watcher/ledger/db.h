// SPDX-License-Identifier: MIT
//
// Inside the ledger: the connection, its statements, and the failure that sticks. files.c (rows)
// and tables.c (the smaller tables) are written in these terms; nobody outside this room sees them.
// Columns, statements and turn_order < db < files, in_turn and tables: none includes one above it.
#ifndef DM_WATCHER_LEDGER_DB_H
#define DM_WATCHER_LEDGER_DB_H

#include "watcher/ledger/arrival.h"
#include "watcher/ledger/ledger.h"
#include "watcher/ledger/statements.h"
#include "watcher/ledger/turn_order.h"
#include "watcher/ledger/upload.h"

#include <sqlite3.h>
#include <sys/types.h>

/** Who is told of each move. */
struct dm_db_listener {
    dm_ledger_moved_fn moved;
    void *data;
};

struct dm_ledger {
    sqlite3 *db;
    char *path;
    // Held while it may be written; -1: none.
    int lock_fd;
    // As opened.
    dev_t dev;
    ino_t ino;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    // See listing.c.
    GHashTable *listings;
    bool in_transaction;
    // Rows, by the state that they were then in.
    uint64_t written[DM_STATE_COUNT];
    // Of those, with a temporary in DM_STALE_STATES.
    uint64_t written_stale;
    // int64_t: ids of the rows that were written in SEEN since somebody took note.
    GArray *seen;
    // The clock.
    int64_t (*utc_us)(void *data);
    void *utc_data;
    // Of struct dm_db_listener: who is told of the moves.
    GArray *listeners;
    // The first one since the last commit.
    GError *failure;
    bool read_only;
    // `counts` is true: how many rows are in each state.
    bool counted;
    int64_t counts[DM_STATE_COUNT];
    struct dm_ledger_stats stats;
    // Rows of files that were not known, or whose file is another one.
    uint64_t drops;
    // Of the folders whose rows were dispatched.
    struct dm_turn_order *turn_order;
    // What uploads.c knows.
    struct {
        bool kept, required;
        uint64_t queued;
        bool counted;
        int64_t counts[DM_UPLOAD_STATE_COUNT];
    } uploads;
    // What arrivals.c knows.
    struct {
        uint64_t queued;
        bool counted;
        int64_t counts[DM_ARRIVAL_STATE_COUNT];
    } arrivals;
};

#define DM_STATES_ALL ((1u << DM_STATE_COUNT) - 1)

/** Keep the first failure; nothing is read or written after it until the commit has reported it. */
void dm_db_stick(struct dm_ledger *ledger);

/** Prepare a text; NULL after a failure. */
sqlite3_stmt *dm_db_prepare_text(struct dm_ledger *ledger, const char *text);

/** A statement ready for its parameters, or NULL after a failure. */
sqlite3_stmt *dm_db_read(struct dm_ledger *ledger, enum statement which);

/** The same for one that writes: the transaction is open. */
sqlite3_stmt *dm_db_write(struct dm_ledger *ledger, enum statement which);

/** Step once. Returns whether there is a row; the caller resets the statement. */
bool dm_db_step(struct dm_ledger *ledger, sqlite3_stmt *statement);

/**
 * Rows have come to a state, or left it. Only we write: so the counts are kept, and a state without
 * rows need not be asked for. A reader does not know what was written since.
 */
void dm_db_count_rows(struct dm_ledger *ledger, enum dm_state state, int64_t more);

/** Which of @states (bits) may have rows. */
unsigned dm_db_states_with_rows(struct dm_ledger *ledger, unsigned states);

/** Step a statement without rows, and reset it. */
void dm_db_run(struct dm_ledger *ledger, sqlite3_stmt *statement);

/** What a move means for the mirror: a published result is queued, and may hold its original. */
void dm_db_note_published(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact);

/** The state of the upload @path; COUNT: there is none. */
enum dm_upload_state dm_db_upload_state(struct dm_ledger *ledger, const char *path);

/** An upload has gone from one state to another; COUNT: there was or is none. */
void dm_db_count_upload(struct dm_ledger *ledger, enum dm_upload_state from,
                        enum dm_upload_state to);

/** What a move of @row, or that its result is in the mirror, means for the object that it came
 * from: that may be its end. @is_gone: the row is no more. */
void dm_db_end_arrival(struct dm_ledger *ledger, const struct dm_row *row, bool is_gone);

/** Add a line to the history of @row's path; @fact is a word. */
void dm_db_add_history(struct dm_ledger *ledger, const struct dm_row *row, const char *fact,
                       int64_t utc_us);

/** The line that a SELECT of utc_us, path, fact, state, reason, message stands at; (transfer full).
 */
struct dm_history *dm_db_take_history(sqlite3_stmt *statement);

#endif
