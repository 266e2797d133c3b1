// SPDX-License-Identifier: MIT
//
// The smaller tables of the ledger: who owns an output name, which originals we keep and until
// when, the folders with a problem, the history. Read first: ledger.h.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

/** Run a writing statement whose parameters are one path, and a number or another path. */
static void write_path(struct dm_ledger *ledger, enum statement which, const char *path,
                       const char *other, int64_t number) {
    sqlite3_stmt *statement = dm_db_write(ledger, which);
    if (statement == NULL) {
        return;
    }
    dm_bind_bytes(statement, 1, path);
    if (other != NULL) {
        dm_bind_bytes(statement, 2, other);
    } else if (sqlite3_bind_parameter_count(statement) > 1) {
        sqlite3_bind_int64(statement, 2, number);
    }
    dm_db_run(ledger, statement);
}

char *dm_ledger_output_owner(struct dm_ledger *ledger, const char *output, bool *ret_placed) {
    sqlite3_stmt *statement = dm_db_read(ledger, GET_OUTPUT);
    if (statement == NULL) {
        return NULL;
    }
    char *owner = NULL;
    dm_bind_bytes(statement, 1, output);
    if (dm_db_step(ledger, statement)) {
        owner = dm_take_text(statement, 0);
        if (ret_placed != NULL) {
            *ret_placed = sqlite3_column_int(statement, 1) != 0;
        }
    }
    sqlite3_reset(statement);
    return owner;
}

enum dm_claim dm_ledger_claim_output(struct dm_ledger *ledger, const char *output,
                                     const char *path) {
    uint64_t before = dm_ledger_changes(ledger);
    write_path(ledger, CLAIM_OUTPUT, output, path, 0);
    if (dm_ledger_changes(ledger) != before) {
        return DM_CLAIM_NEW;
    }
    bool placed = false;
    g_autofree char *owner = dm_ledger_output_owner(ledger, output, &placed);
    if (owner == NULL || strcmp(owner, path) != 0) {
        return DM_CLAIM_OTHERS;
    }
    return placed ? DM_CLAIM_PLACED : DM_CLAIM_OURS;
}

void dm_ledger_output_placed(struct dm_ledger *ledger, const char *output) {
    write_path(ledger, PLACE_OUTPUT, output, NULL, 0);
}

void dm_ledger_release_output(struct dm_ledger *ledger, const char *output) {
    write_path(ledger, RELEASE_OUTPUT, output, NULL, 0);
}

int64_t dm_ledger_next_job(struct dm_ledger *ledger) {
    sqlite3_stmt *statement = dm_db_write(ledger, NEXT_JOB);
    int64_t job = 0;
    if (statement != NULL && dm_db_step(ledger, statement)) {
        job = sqlite3_column_int64(statement, 0);
    }
    sqlite3_reset(statement);
    return job;
}

void dm_ledger_keep_original(struct dm_ledger *ledger, const char *path, int64_t until_utc_us) {
    write_path(ledger, KEEP_ORIGINAL, path, NULL, until_utc_us);
}

GPtrArray *dm_ledger_expired_originals(struct dm_ledger *ledger, int64_t now_utc_us,
                                       int64_t limit) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_ORIGINALS);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, now_utc_us);
        sqlite3_bind_int64(statement, 2, limit);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(paths, dm_take_text(statement, 0));
        }
        sqlite3_reset(statement);
    }
    return paths;
}

void dm_ledger_forget_original(struct dm_ledger *ledger, const char *path) {
    write_path(ledger, FORGET_ORIGINAL, path, NULL, 0);
}

void dm_ledger_set_folder_problem(struct dm_ledger *ledger, const char *folder, const char *message,
                                  const char *suggestion) {
    sqlite3_stmt *statement = dm_db_write(ledger, SET_PROBLEM);
    if (statement == NULL) {
        return;
    }
    dm_bind_bytes(statement, 1, folder);
    dm_bind_text(statement, 2, message);
    dm_bind_text(statement, 3, suggestion);
    dm_db_run(ledger, statement);
}

void dm_ledger_clear_folder_problem(struct dm_ledger *ledger, const char *folder) {
    write_path(ledger, CLEAR_PROBLEM, folder, NULL, 0);
}

GPtrArray *dm_ledger_folder_problems(struct dm_ledger *ledger) {
    GPtrArray *problems = g_ptr_array_new_with_free_func((GDestroyNotify)dm_folder_problem_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_PROBLEMS);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        struct dm_folder_problem *problem = g_new0(struct dm_folder_problem, 1);
        problem->folder = dm_take_text(statement, 0);
        problem->message = dm_take_text(statement, 1);
        problem->suggestion = dm_take_text(statement, 2);
        g_ptr_array_add(problems, problem);
    }
    sqlite3_reset(statement);
    return problems;
}

static struct dm_history *take_history(sqlite3_stmt *statement) {
    struct dm_history *line = g_new0(struct dm_history, 1);
    g_autofree char *reason = dm_take_text(statement, 4);
    line->utc_us = sqlite3_column_int64(statement, 0);
    line->path = dm_take_text(statement, 1);
    line->fact = dm_take_text(statement, 2);
    line->state = (enum dm_state)sqlite3_column_int(statement, 3);
    line->reason = dm_reason_from_name(reason);
    line->message = dm_take_text(statement, 5);
    return line;
}

GPtrArray *dm_ledger_history(struct dm_ledger *ledger, const char *path, int64_t limit) {
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)dm_history_free);
    sqlite3_stmt *statement = dm_db_read(ledger, path != NULL ? LIST_PATH_HISTORY : LIST_HISTORY);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, limit);
        if (path != NULL) {
            dm_bind_bytes(statement, 2, path);
        }
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(lines, take_history(statement));
        }
        sqlite3_reset(statement);
    }
    return lines;
}

void dm_ledger_expire(struct dm_ledger *ledger, int64_t before_utc_us) {
    static const enum statement expiring[] = {EXPIRE_HISTORY, EXPIRE_FILES};
    for (size_t i = 0; i < G_N_ELEMENTS(expiring); i++) {
        sqlite3_stmt *statement = dm_db_write(ledger, expiring[i]);
        if (statement == NULL) {
            return;
        }
        sqlite3_bind_int64(statement, 1, before_utc_us);
        dm_db_run(ledger, statement);
        if (expiring[i] == EXPIRE_FILES) {
            dm_db_count_rows(ledger, DM_STATE_DONE, -sqlite3_changes(ledger->db));
        }
    }
}
