// SPDX-License-Identifier: MIT
//
// What is handed out next. Nobody waits for all that others dropped before: folders of the inbox
// have their turns, one file each; where people have subfolders in one folder, these share its
// turns in the same way; and in a subfolder, whatever lies below it, the oldest file is first.
//
//   gray/1.jpg gray/2.jpg ... gray/Anna/1.jpg gray/Anna/b/2.jpg ... sepia/Bob/1.jpg
//   folder: gray   subfolders: "", Anna                             folder: sepia
//   turns:  gray/1.jpg  sepia/Bob/1.jpg  gray/Anna/1.jpg  gray/2.jpg  gray/Anna/b/2.jpg ...
//
// Names have their turns in the order of their bytes, and a turn begins behind the name that had
// the last one: a new name comes in at its place, and is passed over by none. Names are found one
// by one in an index that has the rows of each side by side, so that neither the number of rows nor
// that of folders matters; which name had its turn is remembered while the process lives.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

// ---- names

/**
 * The name whose turn is after that of @after (NULL: of nobody), of a subfolder of @folder if that
 * is not NULL; NULL if none has work; (transfer full).
 */
static char *next_name(struct dm_ledger *ledger, const char *folder, const char *after) {
    sqlite3_stmt *statement = dm_db_read(ledger, folder == NULL ? NEXT_FOLDER : NEXT_SUBFOLDER);
    if (statement == NULL) {
        return NULL;
    }
    if (after == NULL) {
        dm_bind_text(statement, 1, "");
    } else {
        dm_bind_bytes(statement, 1, after);
    }
    if (folder != NULL) {
        dm_bind_bytes(statement, 2, folder);
    }
    bool found = dm_db_step(ledger, statement) && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    char *name = found ? dm_take_text(statement, 0) : NULL;
    sqlite3_reset(statement);
    return name;
}

/** At most @limit names that have work, those after @last first; each once. */
static GPtrArray *names_in_turn(struct dm_ledger *ledger, const char *folder, const char *last,
                                guint limit) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *after = last;
    while (names->len < limit && (names->len == 0 || g_strcmp0(after, last) != 0)) {
        char *name = next_name(ledger, folder, after);
        if (name == NULL || (names->len > 0 && strcmp(name, names->pdata[0]) == 0)) {
            g_free(name);
            break;
        }
        g_ptr_array_add(names, name);
        after = name;
    }
    return names;
}

// ---- rows

static void free_rows(void *rows) {
    g_ptr_array_unref(rows);
}

static GPtrArray *oldest(struct dm_ledger *ledger, const char *folder, const char *subfolder,
                         guint limit) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_WORK);
    if (statement == NULL) {
        return rows;
    }
    dm_bind_bytes(statement, 1, folder);
    dm_bind_bytes(statement, 2, subfolder);
    sqlite3_bind_int64(statement, 3, limit);
    while (dm_db_step(ledger, statement)) {
        g_ptr_array_add(rows, dm_columns_take(statement));
    }
    sqlite3_reset(statement);
    return rows;
}

/** At most @limit rows of @queues: the first of each, the second of each, ...; empties them. */
static GPtrArray *deal(GPtrArray *queues, guint limit) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    bool more = true;
    for (guint turn = 0; more; turn++) {
        more = false;
        for (guint i = 0; i < queues->len && rows->len < limit; i++) {
            GPtrArray *queue = queues->pdata[i];
            if (turn < queue->len) {
                g_ptr_array_add(rows, g_steal_pointer(&queue->pdata[turn]));
                more = true;
            }
        }
    }
    return rows;
}

/** How many each of @count has to give, so that there are @limit. */
static guint share_of(guint limit, guint count) {
    return count == 0 ? 0 : (limit + count - 1) / count;
}

static GPtrArray *work_in_folder(struct dm_ledger *ledger, const char *folder, guint limit) {
    const char *last = dm_turn_order_subfolder(ledger->turn_order, folder);
    g_autoptr(GPtrArray) names = names_in_turn(ledger, folder, last, limit);
    g_autoptr(GPtrArray) queues = g_ptr_array_new_with_free_func(free_rows);
    for (guint i = 0; i < names->len; i++) {
        g_ptr_array_add(queues,
                        oldest(ledger, folder, names->pdata[i], share_of(limit, names->len)));
    }
    return deal(queues, limit);
}

GPtrArray *dm_ledger_work(struct dm_ledger *ledger, int64_t limit) {
    g_assert(limit > 0 && limit <= G_MAXINT);
    g_autoptr(GPtrArray) queues = g_ptr_array_new_with_free_func(free_rows);
    if (dm_db_states_with_rows(ledger, 1u << DM_STATE_READY) != 0) {
        const char *last = dm_turn_order_folder(ledger->turn_order);
        g_autoptr(GPtrArray) names = names_in_turn(ledger, NULL, last, (guint)limit);
        for (guint i = 0; i < names->len; i++) {
            guint share = share_of((guint)limit, names->len);
            g_ptr_array_add(queues, work_in_folder(ledger, names->pdata[i], share));
        }
    }
    return deal(queues, (guint)limit);
}
