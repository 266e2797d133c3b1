// SPDX-License-Identifier: MIT
//
// The table `arrival`. Below files.c, whose moves end a file, and above uploads.c, which knows
// whether a result is in the mirror. Read first: arrivals.h; the statements stand in db.c.
#include "watcher/ledger/arrivals.h"

#include "common/reason.h"
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

// ---- reading

/** The row at which a SELECT of ARRIVAL_COLUMNS stands. */
static struct dm_arrival *take_arrival(sqlite3_stmt *statement) {
    struct dm_arrival *arrival = g_new0(struct dm_arrival, 1);
    arrival->id = sqlite3_column_int64(statement, 0);
    arrival->key = dm_take_text(statement, 1);
    arrival->etag = dm_take_text(statement, 2);
    arrival->file.size_bytes = sqlite3_column_int64(statement, 3);
    arrival->state = (enum dm_arrival_state)sqlite3_column_int(statement, 4);
    arrival->path = dm_take_text(statement, 5);
    arrival->temp = dm_take_text(statement, 6);
    arrival->file.ino = (uint64_t)sqlite3_column_int64(statement, 7);
    arrival->file.btime_ns = sqlite3_column_int64(statement, 8);
    arrival->file.mtime_ns = sqlite3_column_int64(statement, 9);
    arrival->generation = sqlite3_column_int64(statement, 10);
    arrival->output = dm_take_text(statement, 11);
    arrival->reason = dm_take_text(statement, 12);
    arrival->message = dm_take_text(statement, 13);
    arrival->attempts = sqlite3_column_int64(statement, 14);
    arrival->not_before_utc_us = sqlite3_column_int64(statement, 15);
    arrival->state_utc_us = sqlite3_column_int64(statement, 16);
    return arrival;
}

static struct dm_arrival *find(struct dm_ledger *ledger, enum statement which, const char *bytes) {
    sqlite3_stmt *statement = dm_db_read(ledger, which);
    if (statement == NULL) {
        return NULL;
    }
    dm_bind_bytes(statement, 1, bytes);
    struct dm_arrival *arrival = dm_db_step(ledger, statement) ? take_arrival(statement) : NULL;
    sqlite3_reset(statement);
    return arrival;
}

struct dm_arrival *dm_ledger_find_arrival(struct dm_ledger *ledger, const char *key) {
    return find(ledger, FIND_ARRIVAL, key);
}

/** All rows of @statement, whose parameters are bound. */
static GPtrArray *take_all(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    GPtrArray *arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)dm_arrival_free);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        g_ptr_array_add(arrivals, take_arrival(statement));
    }
    sqlite3_reset(statement);
    return arrivals;
}

GPtrArray *dm_ledger_due_arrivals(struct dm_ledger *ledger, enum dm_arrival_state state,
                                  int64_t utc_us, int64_t limit) {
    sqlite3_stmt *statement = dm_db_read(ledger, DUE_ARRIVALS);
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)state);
        sqlite3_bind_int64(statement, 2, utc_us);
        sqlite3_bind_int64(statement, 3, limit);
    }
    return take_all(ledger, statement);
}

GPtrArray *dm_ledger_list_arrivals(struct dm_ledger *ledger, const char *after, const char *upto,
                                   int64_t limit) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_ARRIVALS);
    if (statement != NULL) {
        dm_bind_bytes(statement, 1, after);
        dm_bind_bytes(statement, 2, upto);
        sqlite3_bind_int64(statement, 3, limit);
    }
    return take_all(ledger, statement);
}

// ---- how many are in each state

static void count_by_reading(struct dm_ledger *ledger) {
    memset(ledger->arrivals.counts, 0, sizeof(ledger->arrivals.counts));
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_ARRIVALS);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        ledger->arrivals.counts[sqlite3_column_int(statement, 0)] =
            sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    ledger->arrivals.counted = !ledger->read_only && ledger->failure == NULL;
}

static const int64_t *counts(struct dm_ledger *ledger) {
    if (!ledger->arrivals.counted) {
        count_by_reading(ledger);
    }
    return ledger->arrivals.counts;
}

void dm_ledger_count_arrivals(struct dm_ledger *ledger,
                              int64_t ret_counts[DM_ARRIVAL_STATE_COUNT]) {
    memcpy(ret_counts, counts(ledger), sizeof(ledger->arrivals.counts));
}

uint64_t dm_ledger_arrivals_queued(const struct dm_ledger *ledger) {
    return ledger->arrivals.queued;
}

/** A row has gone from one state to another; COUNT: there was or is none. */
static void count_move(struct dm_ledger *ledger, enum dm_arrival_state from,
                       enum dm_arrival_state to) {
    if (from < DM_ARRIVAL_STATE_COUNT) {
        ledger->arrivals.counts[from]--; // in vain, if they are not counted
    }
    if (to < DM_ARRIVAL_STATE_COUNT) {
        ledger->arrivals.counts[to]++;
    }
    ledger->arrivals.queued +=
        to == DM_ARRIVAL_FETCHED || to == DM_ARRIVAL_ENDED || to == DM_ARRIVAL_ANSWERED;
}

// ---- writing

static void bind_arrival(sqlite3_stmt *statement, const struct dm_arrival *arrival) {
    sqlite3_bind_int64(statement, 1, arrival->id);
    dm_bind_bytes(statement, 2, arrival->key);
    dm_bind_text(statement, 3, arrival->etag);
    sqlite3_bind_int64(statement, 4, arrival->file.size_bytes);
    sqlite3_bind_int(statement, 5, (int)arrival->state);
    dm_bind_bytes(statement, 6, arrival->path);
    dm_bind_bytes(statement, 7, arrival->temp);
    sqlite3_bind_int64(statement, 8, (int64_t)arrival->file.ino);
    sqlite3_bind_int64(statement, 9, arrival->file.btime_ns);
    sqlite3_bind_int64(statement, 10, arrival->file.mtime_ns);
    sqlite3_bind_int64(statement, 11, arrival->generation);
    dm_bind_bytes(statement, 12, arrival->output);
    dm_bind_text(statement, 13, arrival->reason);
    dm_bind_text(statement, 14, arrival->message);
    sqlite3_bind_int64(statement, 15, arrival->attempts);
    sqlite3_bind_int64(statement, 16, arrival->not_before_utc_us);
    sqlite3_bind_int64(statement, 17, arrival->state_utc_us);
}

void dm_ledger_forget_arrival(struct dm_ledger *ledger, const struct dm_arrival *arrival) {
    counts(ledger);
    sqlite3_stmt *statement = dm_db_write(ledger, FORGET_ARRIVAL);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int64(statement, 1, arrival->id);
    dm_db_run(ledger, statement);
    if (ledger->failure == NULL && sqlite3_changes(ledger->db) > 0) {
        count_move(ledger, arrival->state, DM_ARRIVAL_STATE_COUNT);
    }
}

void dm_ledger_add_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival) {
    counts(ledger);
    struct dm_arrival *before = dm_ledger_find_arrival(ledger, arrival->key);
    if (before != NULL) {
        dm_ledger_forget_arrival(ledger, before);
        dm_arrival_free(before);
    }
    arrival->state_utc_us = dm_ledger_utc_us(ledger);
    sqlite3_stmt *statement = dm_db_write(ledger, ADD_ARRIVAL);
    if (statement != NULL) {
        bind_arrival(statement, arrival);
        dm_db_run(ledger, statement);
        arrival->id = sqlite3_last_insert_rowid(ledger->db);
        count_move(ledger, DM_ARRIVAL_STATE_COUNT, arrival->state);
    }
}

/** Write what may change, coming from @from. */
static void save(struct dm_ledger *ledger, struct dm_arrival *arrival, enum dm_arrival_state from) {
    sqlite3_stmt *statement = dm_db_write(ledger, SAVE_ARRIVAL);
    if (statement == NULL) {
        return;
    }
    bind_arrival(statement, arrival);
    dm_db_run(ledger, statement);
    if (ledger->failure == NULL && sqlite3_changes(ledger->db) > 0) {
        count_move(ledger, from, arrival->state);
    }
}

/** Go on to @state. */
static void move(struct dm_ledger *ledger, struct dm_arrival *arrival, enum dm_arrival_state state,
                 enum dm_arrival_state from) {
    arrival->state = state;
    if (state != from) {
        arrival->state_utc_us = dm_ledger_utc_us(ledger);
        arrival->attempts = 0;
        arrival->not_before_utc_us = 0;
    }
    save(ledger, arrival, from);
}

void dm_ledger_save_arrival(struct dm_ledger *ledger, struct dm_arrival *arrival) {
    counts(ledger);
    struct dm_arrival *before = dm_ledger_find_arrival(ledger, arrival->key);
    if (before != NULL && before->id == arrival->id) {
        move(ledger, arrival, arrival->state, before->state);
    }
    dm_arrival_free(before);
}

// ---- the end of a file

static bool is_ours(const struct dm_arrival *arrival, const struct dm_row *row) {
    return row->fingerprint.size_bytes == arrival->file.size_bytes &&
           row->fingerprint.mtime_ns == arrival->file.mtime_ns;
}

static bool is_synced(struct dm_ledger *ledger, const struct dm_row *row) {
    enum dm_upload_state state = dm_db_upload_state(ledger, row->output);
    return state != DM_UPLOAD_PENDING && state != DM_UPLOAD_PARKED;
}

/** Say whether @row may be the end of something that was taken: nothing is asked for what cannot.
 */
static bool may_end(struct dm_ledger *ledger, const struct dm_row *row, bool is_gone) {
    bool is_end = is_gone || row->state == DM_STATE_FAILED || row->state == DM_STATE_DONE;
    return is_end && counts(ledger)[DM_ARRIVAL_TAKEN] > 0 &&
           (is_gone || row->state == DM_STATE_FAILED || is_synced(ledger, row));
}

static void say(struct dm_arrival *arrival, const char *reason, const char *message) {
    dm_arrival_set(&arrival->reason, reason);
    dm_arrival_set(&arrival->message, message);
}

void dm_db_end_arrival(struct dm_ledger *ledger, const struct dm_row *row, bool is_gone) {
    if (!may_end(ledger, row, is_gone)) {
        return;
    }
    struct dm_arrival *arrival = find(ledger, FIND_TAKEN_ARRIVAL, row->path);
    bool ours = arrival != NULL && is_ours(arrival, row);
    if (arrival == NULL || (!ours && row->generation <= arrival->generation)) {
        dm_arrival_free(arrival); // it is the end of an earlier file
        return;
    }
    if (is_gone) {
        say(arrival, "gone", "it was taken out of the inbox before it was made");
    } else if (!ours) {
        say(arrival, "replaced", "another file was put in its place before it was made");
    } else if (row->state == DM_STATE_FAILED) {
        say(arrival, dm_reason_name(row->reason), row->message);
    } else {
        dm_arrival_set(&arrival->output, row->output);
    }
    move(ledger, arrival, DM_ARRIVAL_ENDED, DM_ARRIVAL_TAKEN);
    dm_arrival_free(arrival);
}
