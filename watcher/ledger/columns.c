// SPDX-License-Identifier: MIT
//
// The columns of `file`: see columns.h.
#include "watcher/ledger/columns.h"

#include <string.h>

enum column_type { INTEGER, STATE, BYTES, TEXT, FLAG, REASON };

struct column {
    const char *name;
    enum column_type type;
    size_t offset;
};

#define COLUMN(member, type)                                                                       \
    { #member, type, offsetof(struct dm_row, member) }
#define PRINT_COLUMN(member, type)                                                                 \
    { #member, type, offsetof(struct dm_row, fingerprint.member) }

/** Every column of `file` but id. To add one: a migration in schema.c, a member in ledger.h, a
 * row here. */
static const struct column file_columns[] = {
    COLUMN(state, STATE),
    COLUMN(parked_from, STATE),
    COLUMN(path, BYTES),
    COLUMN(chain, TEXT),
    PRINT_COLUMN(dev, INTEGER),
    PRINT_COLUMN(ino, INTEGER),
    PRINT_COLUMN(btime_ns, INTEGER),
    PRINT_COLUMN(size_bytes, INTEGER),
    PRINT_COLUMN(mtime_ns, INTEGER),
    PRINT_COLUMN(ctime_ns, INTEGER),
    PRINT_COLUMN(links, INTEGER),
    COLUMN(generation, INTEGER),
    COLUMN(attempt, INTEGER),
    COLUMN(job, INTEGER),
    COLUMN(batch, INTEGER),
    COLUMN(suspect, FLAG),
    COLUMN(crashes, INTEGER),
    COLUMN(temp, BYTES),
    COLUMN(output, BYTES),
    COLUMN(retired, FLAG),
    COLUMN(held, FLAG),
    COLUMN(stays_utc_us, INTEGER),
    COLUMN(reason, REASON),
    COLUMN(message, TEXT),
    COLUMN(format, TEXT),
    COLUMN(width_px, INTEGER),
    COLUMN(height_px, INTEGER),
    COLUMN(bytes, INTEGER),
    COLUMN(elapsed_us, INTEGER),
    COLUMN(host, TEXT),
    COLUMN(rank, INTEGER),
    COLUMN(seen_utc_us, INTEGER),
    COLUMN(state_utc_us, INTEGER),
    COLUMN(not_before_utc_us, INTEGER),
};

char *dm_columns_list(void) {
    GString *list = g_string_new("id");
    for (size_t i = 0; i < G_N_ELEMENTS(file_columns); i++) {
        g_string_append_printf(list, ", %s", file_columns[i].name);
    }
    return g_string_free(list, FALSE);
}

char *dm_columns_insert_text(void) {
    g_autofree char *columns = dm_columns_list();
    GString *text = g_string_new(NULL);
    g_string_printf(text, "INSERT INTO file(%s) VALUES (?1", columns);
    for (size_t i = 0; i < G_N_ELEMENTS(file_columns); i++) {
        g_string_append_printf(text, ", ?%zu", i + 2);
    }
    g_string_append_c(text, ')');
    return g_string_free(text, FALSE);
}

/** Parameters keep their numbers, whether a column is left out or not. */
static GString *update_text(bool with_state) {
    GString *text = g_string_new("UPDATE file SET ");
    const char *comma = "";
    for (size_t i = 0; i < G_N_ELEMENTS(file_columns); i++) {
        size_t offset = file_columns[i].offset;
        bool fixed = offset == offsetof(struct dm_row, path) ||
                     (offset == offsetof(struct dm_row, state) && !with_state);
        if (!fixed) {
            g_string_append_printf(text, "%s%s = ?%zu", comma, file_columns[i].name, i + 2);
            comma = ", ";
        }
    }
    g_string_append(text, " WHERE id = ?1");
    return text;
}

int dm_columns_from(void) {
    return (int)G_N_ELEMENTS(file_columns) + 2;
}

char *dm_columns_move_text(void) {
    GString *text = update_text(true);
    g_string_append_printf(text, " AND state = ?%d", dm_columns_from());
    return g_string_free(text, FALSE);
}

char *dm_columns_save_text(void) {
    return g_string_free(update_text(false), FALSE);
}

// ---- values

void dm_bind_bytes(sqlite3_stmt *statement, int index, const char *bytes) {
    sqlite3_bind_blob(statement, index, bytes, (int)strlen(bytes), SQLITE_TRANSIENT);
}

void dm_bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

char *dm_take_text(sqlite3_stmt *statement, int index) {
    const char *bytes = sqlite3_column_blob(statement, index);
    return g_strndup(bytes != NULL ? bytes : "", (size_t)sqlite3_column_bytes(statement, index));
}

static void bind_column(sqlite3_stmt *statement, int index, const struct column *column,
                        const struct dm_row *row) {
    const void *member = (const char *)row + column->offset;
    switch (column->type) {
    case INTEGER:
        sqlite3_bind_int64(statement, index, *(const int64_t *)member);
        break;
    case STATE:
        sqlite3_bind_int(statement, index, (int)*(const enum dm_state *)member);
        break;
    case BYTES:
        dm_bind_bytes(statement, index, *(char *const *)member);
        break;
    case TEXT:
        dm_bind_text(statement, index, *(char *const *)member);
        break;
    case FLAG:
        sqlite3_bind_int(statement, index, *(const bool *)member);
        break;
    case REASON:
        dm_bind_text(statement, index, dm_reason_name(*(const enum dm_reason *)member));
        break;
    }
}

static void take_column(sqlite3_stmt *statement, int index, const struct column *column,
                        struct dm_row *row) {
    void *member = (char *)row + column->offset;
    switch (column->type) {
    case INTEGER:
        *(int64_t *)member = sqlite3_column_int64(statement, index);
        break;
    case STATE:
        *(enum dm_state *)member = (enum dm_state)sqlite3_column_int(statement, index);
        break;
    case BYTES:
    case TEXT:
        *(char **)member = dm_take_text(statement, index);
        break;
    case FLAG:
        *(bool *)member = sqlite3_column_int(statement, index) != 0;
        break;
    case REASON: {
        g_autofree char *name = dm_take_text(statement, index);
        *(enum dm_reason *)member = dm_reason_from_name(name);
        break;
    }
    }
}

void dm_columns_bind(sqlite3_stmt *statement, const struct dm_row *row) {
    if (row->id != 0) {
        sqlite3_bind_int64(statement, 1, row->id);
    } else {
        sqlite3_bind_null(statement, 1);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(file_columns); i++) {
        bind_column(statement, (int)i + 2, &file_columns[i], row);
    }
}

struct dm_row *dm_columns_take(sqlite3_stmt *statement) {
    struct dm_row *row = g_new0(struct dm_row, 1);
    row->id = sqlite3_column_int64(statement, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(file_columns); i++) {
        take_column(statement, (int)i + 1, &file_columns[i], row);
    }
    return row;
}
