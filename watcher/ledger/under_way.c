// SPDX-License-Identifier: MIT
//
// See under_way.h. A file that waits for its writer is not work: it has said what it waits for.
#include "watcher/ledger/under_way.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

#include <string.h>

static void work_free(void *data) {
    struct dm_under_way *work = data;
    g_free(work->folder);
    g_free(work);
}

/** The entry of @folder (transfer full) in @list, made if need be. */
static struct dm_under_way *entry_of(GPtrArray *list, GHashTable *by_folder, char *folder) {
    struct dm_under_way *entry = g_hash_table_lookup(by_folder, folder);
    if (entry != NULL) {
        g_free(folder);
        return entry;
    }
    entry = g_new0(struct dm_under_way, 1);
    entry->folder = folder;
    entry->since_utc_us = INT64_MAX;
    g_hash_table_insert(by_folder, folder, entry);
    g_ptr_array_add(list, entry);
    return entry;
}

static int compare_folders(const void *a, const void *b) {
    const struct dm_under_way *const *left = a;
    const struct dm_under_way *const *right = b;
    return strcmp((*left)->folder, (*right)->folder);
}

static GPtrArray *folders_with_work(struct dm_ledger *ledger) {
    GPtrArray *list = g_ptr_array_new_with_free_func(work_free);
    g_autoptr(GHashTable) by_folder = g_hash_table_new(g_str_hash, g_str_equal);
    sqlite3_stmt *statement = dm_db_read(ledger, LIST_UNDER_WAY);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        struct dm_under_way *entry = entry_of(list, by_folder, dm_take_text(statement, 0));
        entry->left++;
        entry->since_utc_us = MIN(entry->since_utc_us, sqlite3_column_int64(statement, 1));
    }
    sqlite3_reset(statement);
    g_ptr_array_sort(list, compare_folders);
    return list;
}

static int64_t count_done(struct dm_ledger *ledger, const struct dm_under_way *work) {
    int64_t count = 0;
    sqlite3_stmt *statement = dm_db_read(ledger, DONE_SINCE);
    if (statement == NULL) {
        return 0;
    }
    sqlite3_bind_int64(statement, 1, work->since_utc_us);
    dm_bind_bytes(statement, 2, work->folder);
    if (dm_db_step(ledger, statement)) {
        count = sqlite3_column_int64(statement, 0);
    }
    sqlite3_reset(statement);
    return count;
}

GPtrArray *dm_ledger_under_way(struct dm_ledger *ledger) {
    GPtrArray *list = folders_with_work(ledger);
    for (guint i = 0; i < list->len; i++) {
        struct dm_under_way *work = g_ptr_array_index(list, i);
        work->done = count_done(ledger, work);
    }
    return list;
}

void dm_ledger_queue(struct dm_ledger *ledger, struct dm_queue *ret) {
    *ret = (struct dm_queue){0};
    sqlite3_stmt *statement = dm_db_read(ledger, SUM_QUEUE);
    if (statement == NULL) {
        return;
    }
    if (dm_db_step(ledger, statement)) { // NULL is 0
        ret->bytes = sqlite3_column_int64(statement, 0);
        ret->since_utc_us = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
}
