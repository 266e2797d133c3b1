// SPDX-License-Identifier: MIT
//
// What SQLite does for each listing that the program makes: it sorts nothing, reads no whole table,
// and a listing costs what it returns, with many rows in each state as with few. Looks inside the
// ledger: plans, and the steps of SQLite's machine, which are no matter of time.
#include "tests/unit/watcher/support/plan.h"
#include "watcher/ledger/arrivals.h"
#include "watcher/ledger/db.h"
#include "watcher/ledger/uploads.h"

#include <string.h>

#define IN(state) (1u << DM_STATE_##state)

/** To add one: grep dm_ledger_list and dm_courier_gather. */
static const struct {
    const char *who;
    struct dm_query query;
    bool all; // asks for all that there is, and so costs more where more is
} listings[] = {
    {"outbox: results", {.states = IN(COMPUTED), .limit = 256}, false},
    {"outbox: a group of originals", {.states = IN(PUBLISHED), .limit = 256}, false},
    {"outbox: a group that the mirror lets go",
     {.states = IN(PUBLISHED), .not_held = true, .leaving_utc_us = 50, .limit = 256},
     false},
    {"outbox: originals of failures", {.states = IN(FAILED), .not_retired = true, .limit = 256}, 0},
    {"outbox: cut short", {.states = IN(FAILED), .cut_since_utc_us = 50, .limit = 256}, false},
    {"outbox: stale temporaries",
     {.states = IN(SEEN) | IN(READY) | IN(FAILED), .has_temp = true, .limit = 256},
     false},
    {"outbox: parked and due", {.states = IN(PARKED), .due_utc_us = 50, .limit = 256}, false},
    {"outbox: parked", {.states = IN(PARKED), .limit = 256}, false},
    {"engine: suspects", {.states = IN(READY), .no_temp = true, .suspects = true, .limit = 9}, 0},
    {"engine: of a session", {.states = IN(RUNNING), .job = 3}, true},
    {"engine: of an earlier watcher", {.states = IN(RUNNING)}, true},
    {"inbox: the next of many", {.states = IN(SEEN), .after_id = 20, .limit = 60}, false},
    {"cli: one state", {.states = IN(DONE)}, true},
    {"cli: below a directory", {.under = "small"}, false},
    {"cli: one state below a directory", {.states = IN(DONE), .under = "small"}, false},
    {"cli: some states below it", {.states = IN(DONE) | IN(SEEN), .under = "small"}, false},
    {"process: the same as the outbox", {.states = IN(READY) | IN(SEEN), .has_temp = true}, true},
    {"process: temporaries at the end", {.has_temp = true}, true},
    {"process: ends", {.states = IN(FAILED) | IN(PARKED)}, true},
    {"process: all", {0}, true},
};

/** Rows in every state: a few of each kind, ten in the directory "small", the others in "large". */
static const char fill[] =
    "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < %d)"
    " INSERT INTO file(state, path, chain, suspect, temp, retired, not_before_utc_us, job, reason,"
    "  state_utc_us)"
    " SELECT %d, CAST(iif(n < 10, 'small/', 'large/') || n || '-%d.jpg' AS BLOB), 'gray', n "
    "BETWEEN 30 AND 49,"
    "  iif(n < 40 OR %d IN (2, 3), CAST('t' || n AS BLOB), x''), n >= 60 AND %d IN (5, 6),"
    "  iif(%d = 7, n + 1, 0), 3, iif(%d = 6 AND n > 60, 'truncated', 'none'), n FROM number";

static struct dm_ledger *filled(int rows) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        g_autofree char *text =
            g_strdup_printf(fill, rows, state, state, state, state, state, state);
        char *why = NULL;
        sqlite3_exec(ledger->db, text, NULL, NULL, &why);
        g_assert_cmpstr(why, ==, NULL);
    }
    return ledger;
}

static guint list(struct dm_ledger *ledger, size_t i) {
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &listings[i].query);
    return rows->len;
}

/** Every statement of a listing that was made. */
static GPtrArray *statements_of(const struct dm_ledger *ledger) {
    GPtrArray *statements = g_ptr_array_new();
    GHashTableIter iter;
    gpointer statement;
    g_hash_table_iter_init(&iter, ledger->listings);
    while (g_hash_table_iter_next(&iter, NULL, &statement)) {
        g_ptr_array_add(statements, statement);
    }
    return statements;
}

static void expect_good_plan(struct dm_ledger *ledger, const char *text, bool may_scan,
                             bool may_sort) {
    g_autofree char *plan = plan_of(ledger->db, text);
    g_test_message("%s: %s", text, plan);
    g_assert_true(may_sort || strstr(plan, "TEMP B-TREE") == NULL);
    const char *scan = strstr(plan, "SCAN"); // the one row of a SELECT without a table is no scan
    scan = scan == plan && g_str_has_prefix(plan, "SCAN CONSTANT ROW") ? strstr(plan + 1, "SCAN")
                                                                       : scan;
    g_assert_true(may_scan || scan == NULL);
}

static void test_listings(void) {
    struct dm_ledger *ledger = filled(100);
    for (size_t i = 0; i < G_N_ELEMENTS(listings); i++) {
        g_assert_cmpuint(list(ledger, i), >, 0);
    }
    g_autoptr(GPtrArray) statements = statements_of(ledger);
    g_assert_cmpuint(statements->len, >, 20);
    for (guint i = 0; i < statements->len; i++) {
        const char *text = sqlite3_sql(statements->pdata[i]);
        expect_good_plan(ledger, text, strstr(text, "WHERE") == NULL, false);
    }
    dm_ledger_free(ledger);
}

/** Statements that read a table from one end and stop, or that are for the whole of it. */
static bool may_scan(enum statement which) {
    return which == COUNT_FILES || which == LIST_HISTORY || which == EXPIRE_HISTORY ||
           which == LIST_PROBLEMS || which == COUNT_UPLOADS || which == OLDEST_UPLOAD ||
           which == COUNT_ARRIVALS || which == OLDEST_NOTICE || which == LIST_ENDED ||
           which == FORGET_ALL_ENDED || which == LIST_TROUBLES;
}

/** Those that look at the rows of one drop, which come by path: counted in one group a state, and
 * the newest six kept. */
static bool may_sort(enum statement which) {
    return which == TALLY_FILES || which == NEWEST_RESULTS;
}

static void test_statements(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    for (int which = COMMIT + 1; which < STATEMENT_COUNT; which++) {
        sqlite3_stmt *statement = dm_db_read(ledger, (enum statement)which);
        g_assert_nonnull(statement);
        expect_good_plan(ledger, sqlite3_sql(statement), may_scan((enum statement)which),
                         may_sort((enum statement)which));
    }
    dm_ledger_free(ledger);
}

/** How many steps of its machine SQLite takes for a listing. */
static int cost(struct dm_ledger *ledger, size_t i) {
    list(ledger, i); // counts, and prepares what it needs
    g_autoptr(GPtrArray) statements = statements_of(ledger);
    int sum = 0;
    for (guint s = 0; s < statements->len; s++) {
        sqlite3_stmt_status(statements->pdata[s], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    list(ledger, i);
    for (guint s = 0; s < statements->len; s++) {
        sum += sqlite3_stmt_status(statements->pdata[s], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return sum;
}

static void test_cost(void) {
    struct dm_ledger *few = filled(1000);
    struct dm_ledger *many = filled(10000);
    for (size_t i = 0; i < G_N_ELEMENTS(listings); i++) {
        g_test_message("%s", listings[i].who);
        if (!listings[i].all) {
            g_assert_cmpint(cost(many, i), ==, cost(few, i));
        }
    }
    dm_ledger_free(many);
    dm_ledger_free(few);
}

/** What the inbox asks of a directory costs the same whatever else there is, done files in it, too.
 */
static int cost_of_live(struct dm_ledger *ledger) {
    g_autoptr(GPtrArray) paths = dm_ledger_live_paths(ledger, "small/", "small0", 1000);
    g_assert_cmpuint(paths->len, ==, 30); // ten in each of three states
    return sqlite3_stmt_status(ledger->statements[LIST_LIVE], SQLITE_STMTSTATUS_VM_STEP, 1);
}

static void test_live(void) {
    struct dm_ledger *few = filled(100), *many = filled(3000);
    g_assert_cmpint(cost_of_live(few), ==, cost_of_live(many));
    dm_ledger_free(many);
    dm_ledger_free(few);
}

/** READY rows, dealt out to as many folders, each with three subfolders. */
static struct dm_ledger *with_work(int rows, int folders) {
    static const char text[] =
        "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < %d)"
        " INSERT INTO file(state, path, chain)"
        " SELECT 1, CAST(printf('f%%05d/s%%d/%%d.jpg', n %% %d, n / 7 %% 3, n) AS BLOB), 'gray'"
        " FROM number";
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_autofree char *fill_it = g_strdup_printf(text, rows, folders);
    char *why = NULL;
    sqlite3_exec(ledger->db, fill_it, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
    return ledger;
}

/** How many steps of its machine SQLite takes for the next batch. */
static int cost_of_work(struct dm_ledger *ledger) {
    static const enum statement asked[] = {NEXT_FOLDER, NEXT_SUBFOLDER, LIST_WORK};
    int sum = 0;
    for (int pass = 0; pass < 2; pass++) { // the first one counts, and prepares what it needs
        g_autoptr(GPtrArray) rows = dm_ledger_work(ledger, 64);
        g_assert_cmpuint(rows->len, ==, 64);
        sum = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
            sum += sqlite3_stmt_status(ledger->statements[asked[i]], SQLITE_STMTSTATUS_VM_STEP, 1);
        }
    }
    return sum;
}

static void expect_same_cost(struct dm_ledger *few, struct dm_ledger *many) {
    g_assert_cmpint(cost_of_work(many), ==, cost_of_work(few));
    dm_ledger_free(many);
    dm_ledger_free(few);
}

static void test_work(void) {
    expect_same_cost(with_work(300, 1), with_work(100000, 1));
    expect_same_cost(with_work(1000, 100), with_work(100000, 100));
    expect_same_cost(with_work(1000, 100), with_work(100000, 10000));
}

static void test_empty_states(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_assert_false(dm_ledger_has(ledger, DM_STATES_ALL));
    struct dm_ledger_stats before, after;
    dm_ledger_stats(ledger, &before);
    for (size_t i = 0; i < G_N_ELEMENTS(listings); i++) {
        if (listings[i].query.states != 0) {
            g_assert_cmpuint(list(ledger, i), ==, 0);
        }
    }
    dm_ledger_stats(ledger, &after);
    g_assert_cmpuint(after.steps, ==, before.steps);
    dm_ledger_free(ledger);
}

/** Upload rows in every state, of which as many as is said are due. */
static struct dm_ledger *with_uploads(int rows) {
    static const char text[] =
        "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < %d)"
        " INSERT INTO upload(path, state, not_before_utc_us, since_utc_us)"
        " SELECT CAST('gray/' || n AS BLOB), n %% 4, n, %d - n FROM number";
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_autofree char *fill_it = g_strdup_printf(text, rows, rows);
    char *why = NULL;
    sqlite3_exec(ledger->db, fill_it, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
    return ledger;
}

/** What the mirror asks in each of its turns. */
static void ask_uploads(struct dm_ledger *ledger) {
    g_autoptr(GPtrArray) due = dm_ledger_due_uploads(ledger, DM_UPLOAD_PENDING, 1000000, 32);
    g_autoptr(GPtrArray) doubted = dm_ledger_due_uploads(ledger, DM_UPLOAD_DOUBTED, 1000000, 32);
    g_autoptr(GPtrArray) parked = dm_ledger_parked_uploads(ledger, 10);
    g_autoptr(GPtrArray) all = dm_ledger_list_uploads(ledger, 100, 32);
    g_assert_cmpuint(due->len + doubted->len + parked->len + all->len, ==, 106);
    g_assert_cmpint(dm_ledger_oldest_upload(ledger), >, 0);
    struct dm_upload *one = dm_ledger_find_upload(ledger, "gray/4");
    g_assert_cmpint(one->state, ==, DM_UPLOAD_PENDING);
    dm_upload_free(one);
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    dm_ledger_count_uploads(ledger, counts);
}

/** The steps of all statements for what is asked a second time. */
static int cost_of(struct dm_ledger *ledger, void (*ask)(struct dm_ledger *ledger)) {
    ask(ledger);
    for (int pass = 0, sum = 0;; pass++) {
        for (int which = 0; which < STATEMENT_COUNT; which++) {
            sum +=
                ledger->statements[which] == NULL
                    ? 0
                    : sqlite3_stmt_status(ledger->statements[which], SQLITE_STMTSTATUS_VM_STEP, 1);
        }
        if (pass == 1) {
            return sum;
        }
        sum = 0;
        ask(ledger);
    }
}

static void test_uploads(void) {
    struct dm_ledger *few = with_uploads(1000);
    struct dm_ledger *many = with_uploads(10000);
    g_assert_cmpint(cost_of(many, ask_uploads), ==, cost_of(few, ask_uploads));
    dm_ledger_free(many);
    dm_ledger_free(few);
}

/** Rows of the S3 inbox in every state. */
static struct dm_ledger *with_arrivals(int rows) {
    static const char text[] =
        "WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < %d)"
        " INSERT INTO arrival(key, etag, size_bytes, state, path, not_before_utc_us)"
        " SELECT CAST(printf('in/gray/%%05d', n) AS BLOB), 'e', 1, n %% 6,"
        " CAST(printf('gray/%%05d', n) AS BLOB), n FROM number";
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_autofree char *fill_it = g_strdup_printf(text, rows);
    char *why = NULL;
    sqlite3_exec(ledger->db, fill_it, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
    return ledger;
}

/** What the S3 inbox asks in its turns, and an end of a file that did not come from there. */
static void ask_arrivals(struct dm_ledger *ledger) {
    int64_t counts[DM_ARRIVAL_STATE_COUNT];
    dm_ledger_count_arrivals(ledger, counts);
    for (int state = 0; state < DM_ARRIVAL_STATE_COUNT; state++) {
        g_autoptr(GPtrArray) due =
            dm_ledger_due_arrivals(ledger, (enum dm_arrival_state)state, 1000000, 32);
        g_assert_cmpuint(due->len, ==, 32);
    }
    g_autoptr(GPtrArray) page =
        dm_ledger_list_arrivals(ledger, "in/gray/00100", "in/gray/00150", 1000);
    g_assert_cmpuint(page->len, ==, 50);
    dm_arrival_free(dm_ledger_find_arrival(ledger, "in/gray/00004"));
    const struct dm_row row = {.state = DM_STATE_FAILED, .path = (char *)"gray/none"};
    dm_db_end_arrival(ledger, &row, false);
}

static void test_arrivals(void) {
    struct dm_ledger *few = with_arrivals(1000);
    struct dm_ledger *many = with_arrivals(10000);
    g_assert_cmpint(cost_of(many, ask_arrivals), ==, cost_of(few, ask_arrivals));
    dm_ledger_free(many);
    dm_ledger_free(few);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/plans/listings", test_listings);
    g_test_add_func("/ledger/plans/statements", test_statements);
    g_test_add_func("/ledger/plans/cost", test_cost);
    g_test_add_func("/ledger-plans/live", test_live);
    g_test_add_func("/ledger/plans/work", test_work);
    g_test_add_func("/ledger/plans/empty-states", test_empty_states);
    g_test_add_func("/ledger/plans/uploads", test_uploads);
    g_test_add_func("/ledger/plans/arrivals", test_arrivals);
    return g_test_run();
}
