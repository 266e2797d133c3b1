// SPDX-License-Identifier: MIT
//
// The smaller tables of the ledger: who owns an output name, which originals we keep and until
// when, the folders with a problem, the history. Read first: ledger.h.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

/** Run a writing statement whose parameters are one path, and perhaps another. */
static void write_path(struct dm_ledger *ledger, enum statement which, const char *path,
                       const char *other) {
    sqlite3_stmt *statement = dm_db_write(ledger, which);
    if (statement == NULL) {
        return;
    }
    dm_bind_bytes(statement, 1, path);
    if (other != NULL) {
        dm_bind_bytes(statement, 2, other);
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
    write_path(ledger, CLAIM_OUTPUT, output, path);
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
    write_path(ledger, PLACE_OUTPUT, output, NULL);
}

void dm_ledger_release_output(struct dm_ledger *ledger, const char *output) {
    write_path(ledger, RELEASE_OUTPUT, output, NULL);
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

int64_t dm_ledger_number(struct dm_ledger *ledger, const char *name) {
    sqlite3_stmt *statement = dm_db_read(ledger, GET_NUMBER);
    int64_t value = 0;
    if (statement != NULL) {
        dm_bind_text(statement, 1, name);
        value = dm_db_step(ledger, statement) ? sqlite3_column_int64(statement, 0) : 0;
        sqlite3_reset(statement);
    }
    return value;
}

void dm_ledger_set_number(struct dm_ledger *ledger, const char *name, int64_t value) {
    sqlite3_stmt *statement = dm_db_write(ledger, value != 0 ? SET_NUMBER : CLEAR_NUMBER);
    if (statement != NULL) {
        dm_bind_text(statement, 1, name);
        if (value != 0) {
            sqlite3_bind_int64(statement, 2, value);
        }
        dm_db_run(ledger, statement);
    }
}

GPtrArray *dm_ledger_numbers(struct dm_ledger *ledger, const char *prefix) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *before = g_strconcat(prefix, "\xff", NULL);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_NUMBERS);
    if (statement != NULL) {
        dm_bind_text(statement, 1, prefix);
        dm_bind_text(statement, 2, before);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(names, dm_take_text(statement, 0));
        }
        sqlite3_reset(statement);
    }
    return names;
}

bool dm_ledger_share(struct dm_ledger *ledger, struct dm_mark *ret_marker, char **ret_path) {
    sqlite3_stmt *statement = dm_db_read(ledger, GET_SHARE);
    bool found = statement != NULL && dm_db_step(ledger, statement);
    if (found) {
        *ret_marker = (struct dm_mark){
            .dev = (uint64_t)sqlite3_column_int64(statement, 0),
            .ino = (uint64_t)sqlite3_column_int64(statement, 1),
            .btime_ns = sqlite3_column_int64(statement, 2),
        };
        *ret_path = dm_take_text(statement, 3);
    }
    sqlite3_reset(statement);
    return found;
}

void dm_ledger_set_share(struct dm_ledger *ledger, const struct dm_mark *marker, const char *path) {
    sqlite3_stmt *statement = dm_db_write(ledger, SET_SHARE);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, (int64_t)marker->dev);
        sqlite3_bind_int64(statement, 2, (int64_t)marker->ino);
        sqlite3_bind_int64(statement, 3, marker->btime_ns);
        dm_bind_bytes(statement, 4, path);
        dm_db_run(ledger, statement);
    }
}

struct dm_kept *dm_kept_new(const char *path, const struct dm_fingerprint *put) {
    struct dm_kept *kept = g_new(struct dm_kept, 1);
    *kept = (struct dm_kept){.path = g_strdup(path), .put = *put};
    return kept;
}

void dm_kept_free(struct dm_kept *kept) {
    if (kept != NULL) {
        g_free(kept->path);
        g_free(kept);
    }
}

void dm_ledger_keep_original(struct dm_ledger *ledger, const struct dm_kept *kept,
                             int64_t until_utc_us) {
    sqlite3_stmt *statement = dm_db_write(ledger, KEEP_ORIGINAL);
    if (statement == NULL) {
        return;
    }
    dm_bind_bytes(statement, 1, kept->path);
    sqlite3_bind_int64(statement, 2, until_utc_us);
    sqlite3_bind_int64(statement, 3, (int64_t)kept->put.ino);
    sqlite3_bind_int64(statement, 4, kept->put.btime_ns);
    sqlite3_bind_int64(statement, 5, kept->put.size_bytes);
    sqlite3_bind_int64(statement, 6, kept->put.mtime_ns);
    dm_db_run(ledger, statement);
}

static struct dm_kept *take_kept(sqlite3_stmt *statement) {
    struct dm_kept *kept = g_new0(struct dm_kept, 1);
    kept->path = dm_take_text(statement, 0);
    kept->put.ino = (uint64_t)sqlite3_column_int64(statement, 1);
    kept->put.btime_ns = sqlite3_column_int64(statement, 2);
    kept->put.size_bytes = sqlite3_column_int64(statement, 3);
    kept->put.mtime_ns = sqlite3_column_int64(statement, 4);
    return kept;
}

GPtrArray *dm_ledger_expired_originals(struct dm_ledger *ledger, int64_t now_utc_us,
                                       int64_t limit) {
    GPtrArray *originals = g_ptr_array_new_with_free_func((GDestroyNotify)dm_kept_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_ORIGINALS);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, now_utc_us);
        sqlite3_bind_int64(statement, 2, limit);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(originals, take_kept(statement));
        }
        sqlite3_reset(statement);
    }
    return originals;
}

void dm_ledger_forget_original(struct dm_ledger *ledger, const char *path) {
    write_path(ledger, FORGET_ORIGINAL, path, NULL);
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
    write_path(ledger, CLEAR_PROBLEM, folder, NULL);
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

struct dm_history *dm_db_take_history(sqlite3_stmt *statement) {
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
            g_ptr_array_add(lines, dm_db_take_history(statement));
        }
        sqlite3_reset(statement);
    }
    return lines;
}
