// SPDX-License-Identifier: MIT
#include "watcher/ledger/drops.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

// The column of LIST_HISTORY_AFTER behind those of a line.
#define HISTORY_ID 6

char *dm_drop_of(const char *path) {
    const char *slash = strchr(path, '/');
    const char *second = slash != NULL ? strchr(slash + 1, '/') : NULL;
    const char *end = second != NULL ? second : slash;
    return end != NULL ? g_strndup(path, (size_t)(end - path)) : g_strdup("");
}

bool dm_drop_is_loose(const char *drop) {
    return strchr(drop, '/') == NULL;
}

/** Bind the paths below @dir to 1 and 2: "dir/" up to, but without, "dir0". */
static void bind_range(sqlite3_stmt *statement, const char *dir, bool loose_only) {
    g_autofree char *from = g_strconcat(dir, "/", NULL);
    g_autofree char *to = g_strconcat(dir, "0", NULL);
    dm_bind_bytes(statement, 1, from);
    dm_bind_bytes(statement, 2, to);
    sqlite3_bind_int(statement, 3, loose_only);
}

static void tally(struct dm_ledger *ledger, const char *dir, bool loose_only, int64_t since_utc_us,
                  struct dm_tally *ret) {
    *ret = (struct dm_tally){0};
    sqlite3_stmt *statement = dm_db_read(ledger, TALLY_FILES);
    if (statement == NULL) {
        return;
    }
    bind_range(statement, dir, loose_only);
    sqlite3_bind_int64(statement, 4, since_utc_us);
    while (dm_db_step(ledger, statement)) {
        int state = sqlite3_column_int(statement, 0);
        if (state < 0 || state >= DM_STATE_COUNT) {
            continue;
        }
        int64_t first_utc_us = sqlite3_column_int64(statement, 4);
        ret->rows[state] = sqlite3_column_int64(statement, 1);
        ret->input_bytes += sqlite3_column_int64(statement, 2);
        ret->result_bytes += state == DM_STATE_DONE ? sqlite3_column_int64(statement, 3) : 0;
        ret->first_utc_us =
            ret->first_utc_us == 0 ? first_utc_us : MIN(ret->first_utc_us, first_utc_us);
        ret->last_utc_us = MAX(ret->last_utc_us, sqlite3_column_int64(statement, 5));
        ret->done_since += state == DM_STATE_DONE ? sqlite3_column_int64(statement, 6) : 0;
    }
    sqlite3_reset(statement);
}

void dm_ledger_tally_drop(struct dm_ledger *ledger, const char *drop, struct dm_tally *ret) {
    tally(ledger, drop, dm_drop_is_loose(drop), INT64_MAX, ret);
}

void dm_ledger_tally_folder(struct dm_ledger *ledger, const char *folder, int64_t since_utc_us,
                            struct dm_tally *ret) {
    tally(ledger, folder, false, since_utc_us, ret);
}

unsigned dm_ledger_newest_results(struct dm_ledger *ledger, const char *drop,
                                  int64_t ret_ids[DM_DROP_NEWEST]) {
    unsigned count = 0;
    sqlite3_stmt *statement = dm_db_read(ledger, NEWEST_RESULTS);
    if (statement == NULL) {
        return 0;
    }
    bind_range(statement, drop, dm_drop_is_loose(drop));
    sqlite3_bind_int(statement, 4, DM_DROP_NEWEST);
    while (count < DM_DROP_NEWEST && dm_db_step(ledger, statement)) {
        ret_ids[count++] = sqlite3_column_int64(statement, 0);
    }
    sqlite3_reset(statement);
    return count;
}

/** The rows of a statement whose parameters are bound. */
static GPtrArray *take_rows(struct dm_ledger *ledger, sqlite3_stmt *statement) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    while (dm_db_step(ledger, statement)) {
        g_ptr_array_add(rows, dm_columns_take(statement));
    }
    sqlite3_reset(statement);
    return rows;
}

static GPtrArray *no_rows(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
}

GPtrArray *dm_ledger_drop_rows(struct dm_ledger *ledger, const char *drop, unsigned states,
                               const char *after_path, int64_t limit) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_DROP);
    if (statement == NULL) {
        return no_rows();
    }
    bind_range(statement, drop, dm_drop_is_loose(drop));
    if (*after_path != '\0') { // the range begins behind it
        dm_bind_bytes(statement, 1, after_path);
    }
    sqlite3_bind_int64(statement, 4, states);
    sqlite3_bind_int64(statement, 5, limit);
    return take_rows(ledger, statement);
}

GPtrArray *dm_ledger_failed_rows(struct dm_ledger *ledger, int64_t before_id, int64_t limit) {
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_FAILED);
    if (statement == NULL) {
        return no_rows();
    }
    sqlite3_bind_int64(statement, 1, before_id > 0 ? before_id : INT64_MAX);
    sqlite3_bind_int64(statement, 2, limit);
    return take_rows(ledger, statement);
}

int64_t dm_ledger_done_since(struct dm_ledger *ledger, int64_t since_utc_us) {
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_DONE_SINCE);
    if (statement == NULL) {
        return 0;
    }
    sqlite3_bind_int64(statement, 1, since_utc_us);
    int64_t count = dm_db_step(ledger, statement) ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return count;
}

GPtrArray *dm_ledger_waiting_drops(struct dm_ledger *ledger, unsigned limit) {
    GPtrArray *drops = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *from = g_strdup("");
    for (unsigned step = 0; step < 4 * limit && drops->len < limit; step++) {
        g_autoptr(GPtrArray) paths = dm_ledger_live_paths(ledger, from, "\xff\xff", 1);
        if (paths->len == 0) {
            break;
        }
        const char *path = paths->pdata[0];
        char *drop = dm_drop_of(path);
        g_free(from);
        // Files loose in a chain folder lie among its folders: the next one is looked at alone.
        from =
            dm_drop_is_loose(drop) ? g_strconcat(path, "\x01", NULL) : g_strconcat(drop, "0", NULL);
        if (g_hash_table_contains(known, drop)) {
            g_free(drop);
        } else {
            g_hash_table_add(known, drop);
            g_ptr_array_add(drops, drop);
        }
    }
    return drops;
}

GPtrArray *dm_ledger_history_after(struct dm_ledger *ledger, int64_t after_id, int64_t limit,
                                   int64_t *ret_last_id) {
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)dm_history_free);
    *ret_last_id = after_id;
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_HISTORY_AFTER);
    if (statement == NULL) {
        return lines;
    }
    sqlite3_bind_int64(statement, 1, after_id);
    sqlite3_bind_int64(statement, 2, limit);
    while (dm_db_step(ledger, statement)) {
        if (lines->len == 0) {
            *ret_last_id = sqlite3_column_int64(statement, HISTORY_ID);
        }
        g_ptr_array_add(lines, dm_db_take_history(statement));
    }
    sqlite3_reset(statement);
    return lines;
}
