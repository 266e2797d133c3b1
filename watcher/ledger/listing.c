// SPDX-License-Identifier: MIT
//
// Listings. One asks for the rows of one state at a time: then an index has them in order of id,
// and what a listing costs depends on what it returns and not on how many rows there are. A state
// without rows is not asked for at all. The text of a listing follows from its state and from which
// conditions there are; those two numbers are the name under which its statement is kept.
// The indexes that are meant here stand in schema.c; test_ledger_plans.c looks at what SQLite does.
#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"

/** The number of a parameter in a text; one that a text does not have is bound in vain. */
enum parameter { AFTER = 1, FROM, TO, DUE, JOB, LIMIT, SINCE, LEAVING };

/** Any state: the listing is of all rows, in one statement. */
#define ANY DM_STATE_COUNT

enum condition {
    IS_AFTER,
    IS_UNDER,
    IS_SUSPECT,
    HAS_TEMP,
    HAS_NO_TEMP,
    IS_NOT_RETIRED,
    IS_NOT_HELD,
    IS_DUE,
    IS_OF_JOB,
    IS_CUT,
    MAY_LEAVE,
    CONDITION_COUNT,
};

static const char *const condition_texts[CONDITION_COUNT] = {
    [IS_AFTER] = "id > ?1",
    [IS_UNDER] = "path >= ?2 AND path < ?3",
    [IS_SUSPECT] = "suspect = 1",
    [HAS_TEMP] = "temp != x''",
    [HAS_NO_TEMP] = "temp = x''",
    [IS_NOT_RETIRED] = "retired = 0",
    [IS_NOT_HELD] = "held = 0",
    [IS_DUE] = "not_before_utc_us <= ?4",
    [IS_OF_JOB] = "job = ?5",
    [MAY_LEAVE] = "stays_utc_us <= ?8",
    [IS_CUT] = "reason = 'truncated' AND retired = 1 AND state_utc_us >= ?7",
};

/** Bits 1u << IS_x. */
static unsigned conditions_of(const struct dm_query *query) {
    const bool wanted[CONDITION_COUNT] = {
        [IS_AFTER] = query->after_id != 0,       [IS_UNDER] = query->under != NULL,
        [IS_SUSPECT] = query->suspects,          [HAS_TEMP] = query->has_temp,
        [HAS_NO_TEMP] = query->no_temp,          [IS_NOT_RETIRED] = query->not_retired,
        [IS_NOT_HELD] = query->not_held,         [IS_DUE] = query->due_utc_us != 0,
        [IS_OF_JOB] = query->job != 0,           [MAY_LEAVE] = query->leaving_utc_us != 0,
        [IS_CUT] = query->cut_since_utc_us != 0,
    };
    unsigned conditions = 0;
    for (unsigned i = 0; i < CONDITION_COUNT; i++) {
        conditions |= wanted[i] ? 1u << i : 0;
    }
    return conditions;
}

/** Paths below a directory come as their index has them: they are sorted when all are there. */
static const char *order_of(unsigned conditions) {
    if (conditions & 1u << IS_UNDER) {
        return "";
    }
    if (conditions & 1u << IS_CUT) {
        return " ORDER BY state_utc_us DESC LIMIT ?6";
    }
    return conditions & 1u << IS_DUE ? " ORDER BY not_before_utc_us, id LIMIT ?6"
                                     : " ORDER BY id LIMIT ?6";
}

/** The state is a number in the text, since the partial indexes name theirs. "+" keeps SQLite from
 * its index where that of all paths has fewer rows. */
static char *listing_text(unsigned state, unsigned conditions) {
    g_autofree char *columns = dm_columns_list();
    GString *text = g_string_new(NULL);
    g_string_printf(text, "SELECT %s FROM file", columns);
    const char *join = " WHERE ";
    if (state != ANY) {
        bool by_path = conditions & 1u << IS_UNDER;
        g_string_append_printf(text, "%s%sstate = %u", join, by_path ? "+" : "", state);
        join = " AND ";
    }
    for (unsigned i = 0; i < CONDITION_COUNT; i++) {
        if (conditions & 1u << i) {
            g_string_append_printf(text, "%s%s", join, condition_texts[i]);
            join = " AND ";
        }
    }
    g_string_append(text, order_of(conditions));
    return g_string_free(text, FALSE);
}

static sqlite3_stmt *statement_of(struct dm_ledger *ledger, unsigned state, unsigned conditions) {
    void *key = GUINT_TO_POINTER(conditions * (ANY + 1) + state);
    sqlite3_stmt *statement = g_hash_table_lookup(ledger->listings, key);
    if (statement == NULL) {
        g_autofree char *text = listing_text(state, conditions);
        statement = dm_db_prepare_text(ledger, text);
        if (statement != NULL) {
            g_hash_table_insert(ledger->listings, key, statement);
        }
    }
    return statement;
}

static void bind(sqlite3_stmt *statement, const struct dm_query *query) {
    sqlite3_bind_int64(statement, AFTER, query->after_id);
    sqlite3_bind_int64(statement, DUE, query->due_utc_us);
    sqlite3_bind_int64(statement, JOB, query->job);
    sqlite3_bind_int64(statement, SINCE, query->cut_since_utc_us);
    sqlite3_bind_int64(statement, LEAVING, query->leaving_utc_us);
    sqlite3_bind_int64(statement, LIMIT, query->limit > 0 ? query->limit : -1);
    if (query->under != NULL) { // "dir/" up to, but without, "dir0": '0' is the byte after '/'
        g_autofree char *from = g_strconcat(query->under, "/", NULL);
        g_autofree char *to = g_strconcat(query->under, "0", NULL);
        dm_bind_bytes(statement, FROM, from);
        dm_bind_bytes(statement, TO, to);
    }
}

static void add_rows(struct dm_ledger *ledger, const struct dm_query *query, unsigned state,
                     GPtrArray *rows) {
    if (ledger->failure != NULL) {
        return;
    }
    sqlite3_stmt *statement = statement_of(ledger, state, conditions_of(query));
    if (statement == NULL) {
        return;
    }
    bind(statement, query);
    while (dm_db_step(ledger, statement)) {
        g_ptr_array_add(rows, dm_columns_take(statement));
    }
    sqlite3_reset(statement);
}

static int compare_numbers(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare_ids(const void *a, const void *b) {
    const struct dm_row *const *row_a = a, *const *row_b = b;
    return compare_numbers((*row_a)->id, (*row_b)->id);
}

static int compare_due(const void *a, const void *b) {
    const struct dm_row *const *row_a = a, *const *row_b = b;
    int order = compare_numbers((*row_a)->not_before_utc_us, (*row_b)->not_before_utc_us);
    return order != 0 ? order : compare_ids(a, b);
}

GPtrArray *dm_ledger_list(struct dm_ledger *ledger, const struct dm_query *query) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    unsigned states = query->states & DM_STATES_ALL;
    bool by_state = states != 0 || query->suspects || query->has_temp;
    if (by_state) {
        states = dm_db_states_with_rows(ledger, states != 0 ? states : DM_STATES_ALL);
        for (unsigned state = 0; state < DM_STATE_COUNT; state++) {
            if (states & 1u << state) {
                add_rows(ledger, query, state, rows);
            }
        }
    } else {
        add_rows(ledger, query, ANY, rows);
    }
    bool one_state = by_state && (states & (states - 1)) == 0;
    if (query->under != NULL || (by_state && !one_state)) {
        g_ptr_array_sort(rows, query->due_utc_us != 0 ? compare_due : compare_ids);
    }
    if (query->limit > 0 && rows->len > query->limit) {
        g_ptr_array_set_size(rows, (gint)query->limit);
    }
    return rows;
}
