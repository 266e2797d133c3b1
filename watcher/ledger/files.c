// SPDX-License-Identifier: MIT
//
// The rows of the ledger, one by one. A row is written whole but for its path, which never changes,
// and its state, which only a move changes: so their indexes rest. Read first: ledger.h, columns.h;
// listing.c for many rows.
#include "common/error.h"
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/invariants.h"
#include "watcher/ledger/row.h"

static struct dm_row *take_one(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    struct dm_row *row = dm_db_step(ledger, statement) ? dm_columns_take(statement) : NULL;
    sqlite3_reset(statement);
    return row;
}

struct dm_row *dm_ledger_get(struct dm_ledger *ledger, int64_t id) {
    sqlite3_stmt *statement = dm_db_read(ledger, GET_FILE);
    if (statement == NULL) {
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, id);
    return take_one(ledger, statement);
}

struct dm_row *dm_ledger_find(struct dm_ledger *ledger, const char *path) {
    sqlite3_stmt *statement = dm_db_read(ledger, FIND_FILE);
    if (statement == NULL) {
        return NULL;
    }
    dm_bind_bytes(statement, 1, path);
    return take_one(ledger, statement);
}

GPtrArray *dm_ledger_live_paths(struct dm_ledger *ledger, const char *from, const char *before,
                                int64_t limit) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_LIVE);
    if (statement != NULL) {
        dm_bind_bytes(statement, 1, from);
        dm_bind_bytes(statement, 2, before);
        sqlite3_bind_int64(statement, 3, limit);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(paths, dm_take_text(statement, 0));
        }
        sqlite3_reset(statement);
    }
    return paths;
}

void dm_db_add_history(struct dm_ledger *ledger, const struct dm_row *row, const char *fact,
                       int64_t utc_us) {
    sqlite3_stmt *statement = dm_db_write(ledger, ADD_HISTORY);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int64(statement, 1, utc_us);
    dm_bind_bytes(statement, 2, row->path);
    dm_bind_text(statement, 3, fact);
    sqlite3_bind_int(statement, 4, (int)row->state);
    dm_bind_text(statement, 5, dm_reason_name(row->reason));
    dm_bind_text(statement, 6, row->message);
    dm_db_run(ledger, statement);
}

static void note_written(struct dm_ledger *ledger, const struct dm_row *row) {
    ledger->written[row->state]++;
    if (row->state == DM_STATE_SEEN) {
        g_array_append_val(ledger->seen, row->id);
    }
    ledger->written_stale += *row->temp != '\0' && 1u << row->state & DM_STALE_STATES;
}

static void tell_moved(const struct dm_ledger *ledger, const struct dm_row *row, enum dm_state from,
                       enum dm_fact fact, int64_t us) {
    for (guint i = 0; i < ledger->listeners->len; i++) {
        const struct dm_db_listener *listener =
            &g_array_index(ledger->listeners, struct dm_db_listener, i);
        listener->moved(row, from, fact, us, listener->data);
    }
}

struct dm_row *dm_ledger_insert(struct dm_ledger *ledger, const char *path, const char *chain,
                                const struct dm_fingerprint *fingerprint) {
    int64_t now = ledger->utc_us(ledger->utc_data);
    struct dm_row *row = g_new0(struct dm_row, 1);
    *row = (struct dm_row){
        .state = DM_STATE_SEEN,
        .path = g_strdup(path),
        .chain = g_strdup(chain),
        .fingerprint = *fingerprint,
        .generation = 1,
        .temp = g_strdup(""),
        .output = g_strdup(""),
        .message = g_strdup(""),
        .format = g_strdup(""),
        .host = g_strdup(""),
        .seen_utc_us = now,
        .state_utc_us = now,
    };
    sqlite3_stmt *statement = dm_db_write(ledger, INSERT_FILE);
    if (statement != NULL) {
        dm_columns_bind(statement, row);
        dm_db_run(ledger, statement);
        row->id = sqlite3_last_insert_rowid(ledger->db);
        note_written(ledger, row);
        dm_db_count_rows(ledger, row->state, 1);
        ledger->drops++;
        tell_moved(ledger, row, DM_STATE_COUNT, DM_FACT_DROPPED, 0);
    }
    return row;
}

void dm_ledger_save(struct dm_ledger *ledger, const struct dm_row *row) {
    sqlite3_stmt *statement = dm_db_write(ledger, SAVE_FILE);
    if (statement != NULL) {
        dm_columns_bind(statement, row);
        dm_db_run(ledger, statement);
        note_written(ledger, row);
    }
}

/** Write the row that was in state @from, or delete it. Nobody else may have moved it meanwhile. */
static void write_move(struct dm_ledger *ledger, const struct dm_row *row, enum dm_state from,
                       bool gone) {
    sqlite3_stmt *statement = dm_db_write(ledger, gone ? DELETE_FILE : MOVE_FILE);
    if (statement == NULL) {
        return;
    }
    if (gone) {
        sqlite3_bind_int64(statement, 1, row->id);
        sqlite3_bind_int(statement, 2, (int)from);
    } else {
        dm_columns_bind(statement, row);
        sqlite3_bind_int(statement, dm_columns_from(), (int)from);
    }
    dm_db_run(ledger, statement);
    if (ledger->failure != NULL) {
        return;
    }
    if (sqlite3_changes(ledger->db) == 0) {
        dm_fail(&ledger->failure, DM_ERROR_SYSTEM,
                "cannot move '%s' in the ledger '%s': it is not %s", row->path, ledger->path,
                dm_state_name(from));
        return;
    }
    dm_db_count_rows(ledger, from, -1);
    if (!gone) {
        dm_db_count_rows(ledger, row->state, 1);
        note_written(ledger, row);
    }
}

/** What a fact tells beside the row's own state. */
static void note_fact(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact) {
    dm_db_note_published(ledger, row, fact);
    if (fact == DM_FACT_DISPATCHED) {
        dm_turn_order_note(ledger->turn_order, row->path);
    }
    ledger->drops += fact == DM_FACT_DROPPED;
}

void dm_ledger_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact) {
    enum dm_state from = row->state;
    int64_t since_utc_us = row->state_utc_us;
    bool gone = fact == DM_FACT_GONE;
    dm_row_apply(row, fact, ledger->utc_us(ledger->utc_data));
    note_fact(ledger, row, fact);
    if (!gone) {
        dm_row_check(row);
    }
    dm_db_add_history(ledger, row, dm_fact_name(fact), row->state_utc_us);
    write_move(ledger, row, from, gone);
    dm_db_end_arrival(ledger, row, gone);
    tell_moved(ledger, row, from, fact, row->state_utc_us - since_utc_us);
}
