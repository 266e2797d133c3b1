// SPDX-License-Identifier: MIT
//
// The rows of the ledger: one is written whole, whatever has changed in it. Listings are put
// together from the conditions of a query. Read first: ledger.h, columns.h.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/invariants.h"
#include "watcher/ledger/row.h"

#include <string.h>

// ---- rows

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

void dm_ledger_count(struct dm_ledger *ledger, int64_t ret_counts[DM_STATE_COUNT]) {
    memset(ret_counts, 0, DM_STATE_COUNT * sizeof(*ret_counts));
    sqlite3_stmt *statement = dm_db_read(ledger, COUNT_FILES);
    while (statement != NULL && dm_db_step(ledger, statement)) {
        ret_counts[sqlite3_column_int(statement, 0)] = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
}

static void add_history(struct dm_ledger *ledger, const struct dm_row *row, enum dm_fact fact) {
    sqlite3_stmt *statement = dm_db_write(ledger, ADD_HISTORY);
    if (statement == NULL) {
        return;
    }
    sqlite3_bind_int64(statement, 1, row->state_utc_us);
    dm_bind_bytes(statement, 2, row->path);
    dm_bind_text(statement, 3, dm_fact_name(fact));
    sqlite3_bind_int(statement, 4, (int)row->state);
    dm_bind_text(statement, 5, dm_reason_name(row->reason));
    dm_bind_text(statement, 6, row->message);
    dm_db_run(ledger, statement);
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
        ledger->written[row->state]++;
    }
    return row;
}

void dm_ledger_save(struct dm_ledger *ledger, const struct dm_row *row) {
    sqlite3_stmt *statement = dm_db_write(ledger, UPDATE_FILE);
    if (statement != NULL) {
        dm_columns_bind(statement, row);
        dm_db_run(ledger, statement);
        ledger->written[row->state]++;
    }
}

void dm_ledger_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact) {
    dm_row_apply(row, fact, ledger->utc_us(ledger->utc_data));
    add_history(ledger, row, fact);
    if (fact != DM_FACT_GONE) {
        dm_row_check(row);
        dm_ledger_save(ledger, row);
        return;
    }
    sqlite3_stmt *statement = dm_db_write(ledger, DELETE_FILE);
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, row->id);
        dm_db_run(ledger, statement);
    }
}

// ---- listings

static void add_condition(GString *text, const char *condition) {
    g_string_append(text, strstr(text->str, " WHERE ") != NULL ? " AND " : " WHERE ");
    g_string_append(text, condition);
}

/**
 * "state = 6", which a partial index can serve, or "state IN (0,1)"; with a "+" in front where the
 * paths below one directory are the smaller set, so that SQLite takes their index.
 */
static char *states_condition(unsigned states, bool by_path) {
    g_autoptr(GString) list = g_string_new(NULL);
    for (unsigned i = 0; i < DM_STATE_COUNT; i++) {
        if (states & 1u << i) {
            g_string_append_printf(list, "%s%u", list->len > 0 ? "," : "", i);
        }
    }
    const char *plus = by_path ? "+" : "";
    return strchr(list->str, ',') == NULL ? g_strdup_printf("%sstate = %s", plus, list->str)
                                          : g_strdup_printf("%sstate IN (%s)", plus, list->str);
}

/** Named parameters, so that one binding routine serves every mixture of conditions. */
static char *query_text(const struct dm_query *query) {
    g_autofree char *columns = dm_columns_list();
    GString *text = g_string_new(NULL);
    g_string_printf(text, "SELECT %s FROM file", columns);
    const struct {
        bool wanted;
        const char *condition;
    } conditions[] = {
        {query->after_id != 0, "id > :after"},
        {query->under != NULL, "path >= :from AND path < :to"},
        {query->suspects, "suspect = 1"},
        {query->no_suspects, "suspect = 0"},
        {query->litter, "temp != x''"},
        {query->no_litter, "temp = x''"},
        {query->not_retired, "retired = 0"},
        {query->due_utc_us != 0, "not_before_utc_us <= :due"},
        {query->job != 0, "job = :job"},
    };
    if (query->states != 0) {
        g_autofree char *states = states_condition(query->states, query->under != NULL);
        add_condition(text, states);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (conditions[i].wanted) {
            add_condition(text, conditions[i].condition);
        }
    }
    g_string_append(text, " ORDER BY id LIMIT :limit");
    return g_string_free(text, FALSE);
}

static void bind_query(sqlite3_stmt *statement, const struct dm_query *query) {
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {":after", query->after_id},
        {":due", query->due_utc_us},
        {":job", query->job},
        {":limit", query->limit > 0 ? query->limit : -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        int index = sqlite3_bind_parameter_index(statement, numbers[i].name);
        if (index > 0) {
            sqlite3_bind_int64(statement, index, numbers[i].value);
        }
    }
    if (query->under != NULL) { // "dir/" up to, but without, "dir0": '0' is the byte after '/'
        g_autofree char *from = g_strconcat(query->under, "/", NULL);
        g_autofree char *to = g_strconcat(query->under, "0", NULL);
        dm_bind_bytes(statement, sqlite3_bind_parameter_index(statement, ":from"), from);
        dm_bind_bytes(statement, sqlite3_bind_parameter_index(statement, ":to"), to);
    }
}

GPtrArray *dm_ledger_list(struct dm_ledger *ledger, const struct dm_query *query) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    if (ledger->failure != NULL) {
        return rows;
    }
    g_autofree char *text = query_text(query);
    sqlite3_stmt *statement = g_hash_table_lookup(ledger->queries, text);
    if (statement == NULL && (statement = dm_db_prepare_text(ledger, text)) != NULL) {
        g_hash_table_insert(ledger->queries, g_steal_pointer(&text), statement);
    }
    if (statement != NULL) {
        bind_query(statement, query);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(rows, dm_columns_take(statement));
        }
        sqlite3_reset(statement);
    }
    return rows;
}
