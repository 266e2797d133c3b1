// SPDX-License-Identifier: MIT
//
// See history.h. The text of a query names the index that it goes by, the narrowest that there is:
//
//   a file              history_by_path     its few lines
//   a rare event        history_by_fact     which does not have what every file goes through
//   a reason            history_by_reason   which has no line without one
//   failed, parked      history_by_state    which has nothing else
//   else                history_by_time     of six lines, or so, one is meant
//
// An index is of use only where its own condition stands in the query, word by word: schema.c.
#include "watcher/ledger/history.h"

#include "watcher/ledger/columns.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/history_indexes.h"

#include <string.h>

/** The number of a parameter in a text; one that a text does not have is bound in vain. */
enum parameter { PATH = 1, EVENT, STATES, REASON, SINCE, UNTIL, LIMIT };

#define SYNCED "synced" // of the mirror: no fact of a row

static const char *const common_facts[] = {DM_HISTORY_COMMON_LIST};

const char *dm_history_event(size_t index) {
    return index < DM_FACT_COUNT    ? dm_fact_name((enum dm_fact)index)
           : index == DM_FACT_COUNT ? SYNCED
                                    : NULL;
}

static bool is_rare(const char *event) {
    for (size_t i = 0; i < G_N_ELEMENTS(common_facts); i++) {
        if (strcmp(common_facts[i], event) == 0) {
            return false;
        }
    }
    return true;
}

/** The one state that is asked for, of those that few lines have; -1: not so. */
static int rare_state(unsigned states) {
    for (int state = DM_STATE_FAILED; state < DM_STATE_COUNT; state++) {
        if (states == 1u << state) {
            return state;
        }
    }
    return -1;
}

/** The index, and the condition that lets it be one. */
static void add_index(GString *text, const struct dm_history_query *query) {
    int state = rare_state(query->states);
    if (query->path != NULL) {
        g_string_append(text, "INDEXED BY history_by_path WHERE path = ?1");
    } else if (query->event != NULL && is_rare(query->event)) {
        g_string_append(text, "INDEXED BY history_by_fact WHERE " DM_HISTORY_RARE_FACT);
    } else if (query->reason != DM_REASON_NONE) {
        g_string_append(text, "INDEXED BY history_by_reason WHERE " DM_HISTORY_REASON);
    } else if (state >= 0) {
        g_string_append_printf(
            text, "INDEXED BY history_by_state WHERE " DM_HISTORY_RARE_STATE " AND state = %d",
            state);
    } else {
        g_string_append(text, "INDEXED BY history_by_time WHERE utc_us >= ?5");
    }
}

char *dm_history_text(const struct dm_history_query *query) {
    GString *text = g_string_new("SELECT utc_us, path, fact, state, reason, message FROM history ");
    add_index(text, query);
    g_string_append(text, query->event != NULL ? " AND fact = ?2" : "");
    g_string_append(text, query->reason != DM_REASON_NONE ? " AND reason = ?4" : "");
    g_string_append(text, query->states != 0 ? " AND (1 << state) & ?3" : "");
    g_string_append(text, query->since_utc_us != 0 ? " AND utc_us >= ?5" : "");
    g_string_append(text, query->until_utc_us != 0 ? " AND utc_us < ?6" : "");
    g_string_append(text, query->path != NULL ? " ORDER BY id DESC LIMIT ?7"
                                              : " ORDER BY utc_us DESC, id DESC LIMIT ?7");
    return g_string_free(text, FALSE);
}

static void bind(sqlite3_stmt *statement, const struct dm_history_query *query) {
    if (query->path != NULL) {
        dm_bind_bytes(statement, PATH, query->path);
    }
    if (query->event != NULL) {
        dm_bind_text(statement, EVENT, query->event);
    }
    sqlite3_bind_int64(statement, STATES, query->states);
    dm_bind_text(statement, REASON, dm_reason_name(query->reason));
    sqlite3_bind_int64(statement, SINCE, query->since_utc_us);
    sqlite3_bind_int64(statement, UNTIL, query->until_utc_us);
    sqlite3_bind_int64(statement, LIMIT, query->limit);
}

static void free_line(void *line) {
    dm_history_free(line);
}

GPtrArray *dm_ledger_find_history(struct dm_ledger *ledger, const struct dm_history_query *query) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
    g_autofree char *text = dm_history_text(query);
    sqlite3_stmt *statement = dm_db_prepare_text(ledger, text);
    if (statement != NULL) {
        bind(statement, query);
        while (dm_db_step(ledger, statement)) {
            g_ptr_array_add(lines, dm_db_take_history(statement));
        }
        sqlite3_finalize(statement);
    }
    return lines;
}
