// SPDX-License-Identifier: MIT
#include "tests/unit/watcher/support/plan.h"

#include <glib.h>

char *plan_of(sqlite3 *db, const char *text) {
    g_autofree char *explain = g_strconcat("EXPLAIN QUERY PLAN ", text, NULL);
    GString *plan = g_string_new(NULL);
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(db, explain, -1, &statement, NULL), ==, SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        g_string_append_printf(plan, "%s; ", (const char *)sqlite3_column_text(statement, 3));
    }
    sqlite3_finalize(statement);
    return g_string_free(plan, FALSE);
}
