// SPDX-License-Identifier: MIT
//
// The end of an upload, or of an attempt: what it means for its row, and for the input whose result
// it was. Above files.c, which knows of uploads.c. Read first: uploads.h.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/uploads.h"

#include <string.h>

/** The input whose result @upload is: its history, and its original, which is held no more. */
static void let_go(struct dm_ledger *ledger, const struct dm_upload *upload) {
    g_autofree char *owner = dm_ledger_output_owner(ledger, upload->path, NULL);
    DM_AUTO_ROW struct dm_row *row = owner != NULL ? dm_ledger_find(ledger, owner) : NULL;
    if (row == NULL || strcmp(row->output, upload->path) != 0) {
        return;
    }
    dm_db_add_history(ledger, row, "synced", upload->state_utc_us);
    dm_db_end_arrival(ledger, row, false);
    if (row->held) {
        row->held = false;
        dm_ledger_save(ledger, row);
    }
}

static void bind_upload(sqlite3_stmt *statement, const struct dm_upload *upload) {
    sqlite3_bind_int64(statement, 1, upload->id);
    sqlite3_bind_int64(statement, 2, upload->generation);
    sqlite3_bind_int(statement, 3, (int)upload->state);
    sqlite3_bind_int64(statement, 4, upload->attempts);
    sqlite3_bind_int64(statement, 5, upload->not_before_utc_us);
    sqlite3_bind_int64(statement, 6, upload->state_utc_us);
    sqlite3_bind_int64(statement, 7, upload->bytes);
    dm_bind_text(statement, 8, upload->etag);
    sqlite3_bind_int64(statement, 9, upload->doubt_utc_us);
    dm_bind_text(statement, 10, upload->reason);
    dm_bind_text(statement, 11, upload->message);
    sqlite3_bind_int64(statement, 12, upload->absent_utc_us);
}

static bool is_there(enum dm_upload_state state) {
    return state == DM_UPLOAD_SYNCED || state == DM_UPLOAD_DOUBTED;
}

bool dm_ledger_save_upload(struct dm_ledger *ledger, struct dm_upload *upload) {
    enum dm_upload_state from = dm_db_upload_state(ledger, upload->path);
    if (from != upload->state) {
        upload->state_utc_us = dm_ledger_utc_us(ledger);
    }
    sqlite3_stmt *statement = dm_db_write(ledger, SAVE_UPLOAD);
    if (statement == NULL) {
        return false;
    }
    bind_upload(statement, upload);
    dm_db_run(ledger, statement);
    if (ledger->failure != NULL || sqlite3_changes(ledger->db) == 0) {
        return false;
    }
    dm_db_count_upload(ledger, from, upload->state);
    if (is_there(upload->state) && !is_there(from)) {
        let_go(ledger, upload);
    }
    return true;
}
