// SPDX-License-Identifier: MIT
//
// Forgetting: see expiry.h. The statements stand in db.c.
#include "watcher/ledger/expiry.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/uploads.h"

#include <string.h>

/** Returns how many rows went. */
static int64_t delete_piece(struct dm_ledger *ledger, enum statement which, int64_t before_utc_us,
                            int64_t limit) {
    sqlite3_stmt *statement = dm_db_write(ledger, which);
    if (statement == NULL) {
        return 0;
    }
    sqlite3_bind_int64(statement, 1, before_utc_us);
    sqlite3_bind_int64(statement, 2, limit);
    dm_db_run(ledger, statement);
    return ledger->failure == NULL ? sqlite3_changes64(ledger->db) : 0;
}

bool dm_ledger_expire(struct dm_ledger *ledger, int64_t before_utc_us, bool files, int64_t limit) {
    int64_t lines = delete_piece(ledger, EXPIRE_HISTORY, before_utc_us, limit);
    int64_t done = files ? delete_piece(ledger, EXPIRE_DONE, before_utc_us, limit) : 0;
    int64_t failed = files ? delete_piece(ledger, EXPIRE_FAILED, before_utc_us, limit) : 0;
    dm_db_count_rows(ledger, DM_STATE_DONE, -done);
    dm_db_count_rows(ledger, DM_STATE_FAILED, -failed);
    return lines == limit || done == limit || failed == limit;
}

char *dm_ledger_idle_outputs(struct dm_ledger *ledger, const char *after, int64_t limit,
                             GPtrArray *idle) {
    char *last = NULL;
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_OUTPUTS);
    if (statement != NULL) {
        dm_bind_bytes(statement, 1, after);
        sqlite3_bind_int64(statement, 2, limit);
        while (dm_db_step(ledger, statement)) {
            g_free(last);
            last = dm_take_text(statement, 0);
            if (sqlite3_column_int(statement, 1) != 0) {
                g_ptr_array_add(idle, g_strdup(last));
            }
        }
        sqlite3_reset(statement);
    }
    return last;
}

/** Say whether nothing is left to be done with the upload row @upload (nullable). */
static bool is_over(const struct dm_upload *upload, bool uploads, int64_t before_utc_us) {
    return upload == NULL ||
           (uploads && upload->state == DM_UPLOAD_SYNCED && *upload->multipart == '\0' &&
            MAX(upload->state_utc_us, upload->doubt_utc_us) < before_utc_us);
}

bool dm_ledger_forget_output(struct dm_ledger *ledger, const char *output, bool uploads,
                             int64_t before_utc_us) {
    struct dm_upload *upload = dm_ledger_find_upload(ledger, output);
    bool over = is_over(upload, uploads, before_utc_us);
    sqlite3_stmt *statement = over ? dm_db_write(ledger, FORGET_OUTPUT) : NULL;
    bool went = false;
    if (statement != NULL) {
        dm_bind_bytes(statement, 1, output);
        dm_db_run(ledger, statement);
        went = ledger->failure == NULL && sqlite3_changes(ledger->db) > 0;
    }
    if (went && upload != NULL) {
        dm_ledger_forget_upload(ledger, output);
    }
    dm_upload_free(upload);
    return went;
}
