// SPDX-License-Identifier: MIT
//
// See soundness.h.
#include "watcher/ledger/soundness.h"

#include "common/error.h"
#include "watcher/ledger/db.h"

#include <string.h>

enum { STEPS_A_LOOK = 10000 };

/** For SQLite: 1 ends the statement. */
static int is_over(void *end_us) {
    return g_get_monotonic_time() >= *(const int64_t *)end_us;
}

bool dm_ledger_is_sound(struct dm_ledger *ledger, int64_t for_us, bool *ret_all, GError **error) {
    int64_t end_us = g_get_monotonic_time() + for_us;
    sqlite3_stmt *statement = NULL;
    sqlite3_progress_handler(ledger->db, STEPS_A_LOOK, is_over, &end_us);
    int code = sqlite3_prepare_v2(ledger->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool all = code != SQLITE_INTERRUPT;
    bool sound = !all || (said != NULL && strcmp(said, "ok") == 0);
    if (!sound) {
        dm_fail(error, DM_ERROR_SYSTEM, "the ledger '%s' is damaged: %s", ledger->path,
                said != NULL ? said : sqlite3_errmsg(ledger->db));
    }
    sqlite3_finalize(statement);
    sqlite3_progress_handler(ledger->db, 0, NULL, NULL);
    if (ret_all != NULL) {
        *ret_all = all;
    }
    return sound;
}
