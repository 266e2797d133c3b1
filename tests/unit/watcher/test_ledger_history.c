// SPDX-License-Identifier: MIT
//
// The history, asked for by time, event, state and reason: the right lines, and at a cost that
// hangs on what is returned. Looks inside the ledger: plans, and the steps of SQLite's machine.
#include "tests/unit/watcher/support/plan.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/history.h"

#include <string.h>

// Of each file of the history below: five lines in a second, the sixth of every hundredth is a
// failure for a reason.
#define FILE_US INT64_C(1000000)

static const char fill[] =
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < %d)"
    " INSERT INTO history(utc_us, path, fact, state, reason, message) SELECT n * 1000000 + step,"
    "  CAST('gray/' || n || '.jpg' AS BLOB), fact, state, reason, '' FROM number,"
    "  (SELECT 0 AS step, 'settled' AS fact, 1 AS state, 'none' AS reason, 1 AS every UNION ALL"
    "   SELECT 1, 'dispatched', 2, 'none', 1 UNION ALL SELECT 2, 'computed', 3, 'none', 1 UNION ALL"
    "   SELECT 3, 'published', 4, 'none', 1 UNION ALL SELECT 4, 'retired', 5, 'none', 1 UNION ALL"
    "   SELECT 5, 'refused', 6, 'not-an-image', 100 UNION ALL"
    "   SELECT 6, 'blocked', 7, 'disk-full', 100) WHERE n %% every = 0 ORDER BY n, step";

static struct dm_ledger *filled(int files) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_autofree char *text = g_strdup_printf(fill, files);
    char *why = NULL;
    sqlite3_exec(ledger->db, text, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
    return ledger;
}

static const struct {
    const char *who;
    struct dm_history_query query;
    // How many lines of a history of 1000 files.
    guint expected;
    const char *index;
} cases[] = {
    {"all", {.limit = 7}, 7, "history_by_time"},
    {"since", {.since_utc_us = 1000 * FILE_US, .limit = 50}, 7, "history_by_time"},
    {"until", {.until_utc_us = 2 * FILE_US, .limit = 50}, 5, "history_by_time"},
    {"both",
     {.since_utc_us = 5 * FILE_US, .until_utc_us = 7 * FILE_US, .limit = 50},
     10,
     "history_by_time"},
    {"a rare event", {.event = "refused", .limit = 50}, 10, "history_by_fact"},
    {"a rare event of late",
     {.event = "blocked", .since_utc_us = 950 * FILE_US, .limit = 50},
     1,
     "history_by_fact"},
    {"a common event", {.event = "retired", .limit = 50}, 50, "history_by_time"},
    {"a reason", {.reason = DM_REASON_NOT_AN_IMAGE, .limit = 50}, 10, "history_by_reason"},
    {"a reason before",
     {.reason = DM_REASON_NOT_AN_IMAGE, .until_utc_us = 250 * FILE_US, .limit = 50},
     2,
     "history_by_reason"},
    {"failed", {.states = 1u << DM_STATE_FAILED, .limit = 50}, 10, "history_by_state"},
    {"done", {.states = 1u << DM_STATE_DONE, .limit = 50}, 50, "history_by_time"},
    {"a file", {.path = "gray/100.jpg", .limit = 50}, 7, "history_by_path"},
    {"a file's event",
     {.path = "gray/100.jpg", .event = "refused", .limit = 50},
     1,
     "history_by_path"},
    {"an event that never was", {.event = "gone", .limit = 50}, 0, "history_by_fact"},
};

static void test_lines(void) {
    struct dm_ledger *ledger = filled(1000);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) lines = dm_ledger_find_history(ledger, &cases[i].query);
        g_test_message("%s", cases[i].who);
        g_assert_cmpuint(lines->len, ==, cases[i].expected);
        for (guint k = 1; k < lines->len; k++) { // newest first
            const struct dm_history *newer = lines->pdata[k - 1];
            const struct dm_history *older = lines->pdata[k];
            g_assert_cmpint(newer->utc_us, >=, older->utc_us);
        }
    }
    dm_ledger_free(ledger);
}

static void test_plans(void) {
    struct dm_ledger *ledger = filled(10);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = dm_history_text(&cases[i].query);
        g_autofree char *plan = plan_of(ledger->db, text);
        g_test_message("%s: %s", text, plan);
        g_assert_null(strstr(plan, "TEMP B-TREE"));
        g_assert_null(strstr(plan, "SCAN"));
        g_assert_nonnull(strstr(plan, cases[i].index));
    }
    dm_ledger_free(ledger);
}

static int count_look(void *looks) {
    (*(int *)looks)++;
    return 0;
}

/** In hundreds of steps of SQLite's machine. */
static int cost_of(struct dm_ledger *ledger, const struct dm_history_query *query) {
    int looks = 0;
    sqlite3_progress_handler(ledger->db, 100, count_look, &looks);
    g_ptr_array_unref(dm_ledger_find_history(ledger, query));
    sqlite3_progress_handler(ledger->db, 0, NULL, NULL);
    return looks;
}

/** Ten of each cost the same, however many lines there are. (GONE has none at all.) */
static void test_cost(void) {
    struct dm_ledger *small = filled(2000);
    struct dm_ledger *large = filled(40000);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_history_query query = cases[i].query;
        query.limit = 10;
        query.since_utc_us = query.until_utc_us = 0;
        g_test_message("%s", cases[i].who);
        g_assert_cmpint(cost_of(large, &query), <=, cost_of(small, &query) + 3);
    }
    dm_ledger_free(small);
    dm_ledger_free(large);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/history/lines", test_lines);
    g_test_add_func("/ledger/history/plans", test_plans);
    g_test_add_func("/ledger/history/cost", test_cost);
    return g_test_run();
}
