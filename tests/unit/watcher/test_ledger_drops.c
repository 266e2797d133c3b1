// SPDX-License-Identifier: MIT
//
// Drops: what is counted and listed of what lies together, and that it costs as much as there is of
// the drop, whatever else is in the ledger. (Their plans: test_ledger_plans.c.)
#include "watcher/ledger/db.h"
#include "watcher/ledger/drops.h"

#include <string.h>

/** @rows rows below @dir, of all states in turn: "DIR/00000.jpg" ... */
static void fill(struct dm_ledger *ledger, const char *dir, int rows) {
    g_autofree char *text = g_strdup_printf(
        "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < %d)"
        " INSERT INTO file(state, path, chain, size_bytes, bytes, seen_utc_us, state_utc_us,"
        "  reason, not_before_utc_us)"
        " SELECT n %% 8, CAST(printf('%s/%%05d.jpg', n) AS BLOB), 'gray', 10, 3, 1000 + n,"
        "  2000 + n, 'none', n %% 8 = 7 FROM n",
        rows, dir);
    char *why = NULL;
    sqlite3_exec(ledger->db, text, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
}

static struct dm_ledger *filled(int others) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    fill(ledger, "gray/Day 1", 80);
    fill(ledger, "gray/Day 1/sub", 8);
    fill(ledger, "gray/Day 10", others);
    fill(ledger, "gray/Day", others);
    fill(ledger, "gray", 16);
    fill(ledger, "gray-2/Day 1", others);
    return ledger;
}

static void test_of(void) {
    static const struct {
        const char *path, *drop;
    } cases[] = {
        {"gray/Day 1/a.jpg", "gray/Day 1"},
        {"gray/Day 1/sub/a.jpg", "gray/Day 1"},
        {"gray/a.jpg", "gray"},
        {"a.jpg", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *drop = dm_drop_of(cases[i].path);
        g_assert_cmpstr(drop, ==, cases[i].drop);
    }
}

static void test_tally(void) {
    struct dm_ledger *ledger = filled(100);
    struct dm_tally tally;
    dm_ledger_tally_drop(ledger, "gray/Day 1", &tally);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_assert_cmpint(tally.rows[state], ==, 11);
    }
    g_assert_cmpint(tally.input_bytes, ==, 880);
    g_assert_cmpint(tally.result_bytes, ==, 33); // of those that are done
    g_assert_cmpint(tally.first_utc_us, ==, 1000);
    g_assert_cmpint(tally.last_utc_us, ==, 2079);
    dm_ledger_tally_drop(ledger, "gray", &tally); // those that lie loose
    g_assert_cmpint(tally.rows[DM_STATE_DONE], ==, 2);
    dm_ledger_tally_folder(ledger, "gray", 2010, &tally);
    g_assert_cmpint(tally.rows[DM_STATE_SEEN], ==, 2 + 11 + 13 + 13);
    dm_ledger_tally_drop(ledger, "gray/Nothing", &tally);
    g_assert_cmpint(tally.rows[DM_STATE_DONE], ==, 0);
    g_assert_cmpint(tally.first_utc_us, ==, 0);
    dm_ledger_free(ledger);
}

static void test_pages(void) {
    struct dm_ledger *ledger = filled(100);
    g_autofree char *after = g_strdup("");
    unsigned found = 0;
    for (bool more = true; more;) {
        g_autoptr(GPtrArray) rows = dm_ledger_drop_rows(
            ledger, "gray/Day 1", 1u << DM_STATE_DONE | 1u << DM_STATE_FAILED, after, 5);
        for (unsigned i = 0; i < rows->len; i++) {
            const struct dm_row *row = rows->pdata[i];
            g_assert_cmpint(strcmp(row->path, after), >, 0);
            g_assert_true(row->state == DM_STATE_DONE || row->state == DM_STATE_FAILED);
            g_assert_true(g_str_has_prefix(row->path, "gray/Day 1/"));
            g_free(after);
            after = g_strdup(row->path);
        }
        found += rows->len;
        more = rows->len == 5;
    }
    g_assert_cmpuint(found, ==, 22);
    dm_ledger_free(ledger);
}

static void test_newest(void) {
    struct dm_ledger *ledger = filled(100);
    int64_t ids[DM_DROP_NEWEST];
    g_assert_cmpuint(dm_ledger_newest_results(ledger, "gray/Day 1", ids), ==, DM_DROP_NEWEST);
    for (unsigned i = 0; i < DM_DROP_NEWEST; i++) {
        struct dm_row *row = dm_ledger_get(ledger, ids[i]);
        g_assert_cmpint(row->state, ==, DM_STATE_DONE);
        g_assert_cmpint(row->state_utc_us, ==, 2077 - 8 * (int)i);
        dm_row_free(row);
    }
    dm_ledger_free(ledger);
}

static void test_waiting(void) {
    struct dm_ledger *ledger = filled(10);
    g_autoptr(GPtrArray) drops = dm_ledger_waiting_drops(ledger, 10);
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned i = 0; i < drops->len; i++) {
        g_string_append_printf(names, "%s; ", (const char *)drops->pdata[i]);
    }
    g_assert_cmpstr(names->str, ==, "gray-2/Day 1; gray; gray/Day 1; gray/Day 10; gray/Day; ");
    dm_ledger_free(ledger);
}

/** Steps of SQLite's machine for all that the page asks of one drop. */
static int cost_of(struct dm_ledger *ledger, const char *drop) {
    static const enum statement asked[] = {TALLY_FILES, NEWEST_RESULTS, LIST_DROP};
    struct dm_tally tally;
    int64_t ids[DM_DROP_NEWEST];
    int sum = 0;
    dm_ledger_tally_drop(ledger, drop, &tally);
    dm_ledger_newest_results(ledger, drop, ids);
    g_autoptr(GPtrArray) rows = dm_ledger_drop_rows(ledger, drop, ~0u, "", 20);
    g_assert_cmpuint(rows->len, >, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        sum += sqlite3_stmt_status(ledger->statements[asked[i]], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return sum;
}

/** 100,000 rows more in its neighbours cost nothing. */
static void test_cost(void) {
    struct dm_ledger *few = filled(100), *many = filled(33333);
    g_assert_cmpint(cost_of(many, "gray/Day 1"), ==, cost_of(few, "gray/Day 1"));
    dm_ledger_free(many);
    dm_ledger_free(few);
}

/** A page of a large drop costs what it brings, wherever it begins. */
static void test_cost_of_page(void) {
    struct dm_ledger *few = filled(1000), *many = filled(33333);
    struct dm_ledger *const ledgers[] = {few, many};
    int costs[2];
    for (int i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) rows =
            dm_ledger_drop_rows(ledgers[i], "gray/Day 10", ~0u, "gray/Day 10/00500.jpg", 20);
        g_assert_cmpuint(rows->len, ==, 20);
        costs[i] =
            sqlite3_stmt_status(ledgers[i]->statements[LIST_DROP], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    g_assert_cmpint(costs[0], ==, costs[1]);
    dm_ledger_free(many);
    dm_ledger_free(few);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger-drops/of", test_of);
    g_test_add_func("/ledger-drops/tally", test_tally);
    g_test_add_func("/ledger-drops/pages", test_pages);
    g_test_add_func("/ledger-drops/newest", test_newest);
    g_test_add_func("/ledger-drops/waiting", test_waiting);
    g_test_add_func("/ledger-drops/cost", test_cost);
    g_test_add_func("/ledger-drops/cost-of-page", test_cost_of_page);
    return g_test_run();
}
