// SPDX-License-Identifier: MIT
//
// The grids of ledger.h: every fact in every state, what each state promises, and that a row which
// breaks it does not go unnoticed.
#include "tests/unit/watcher/support/row_facts.h"
#include "watcher/ledger/invariants.h"
#include "watcher/ledger/ledger.h"

/** The grid as a picture: one line a fact, one column a state in the order of enum dm_state. */
static const struct {
    enum dm_fact fact;
    const char *to; // S R U C P D F K; X: deleted; .: forbidden
} grid[] = {
    //                     SRUCPDFK
    {DM_FACT_SETTLED, "R......."},    {DM_FACT_CHANGED, "SSSSS..S"},
    {DM_FACT_DISPATCHED, ".U......"}, {DM_FACT_LOST, "..RRR..."},
    {DM_FACT_COMPUTED, "..C....."},   {DM_FACT_REFUSED, ".FF....."},
    {DM_FACT_STOPPED, "FF.....F"},    {DM_FACT_PUBLISHED, "...P...."},
    {DM_FACT_RETIRED, "....D.F."},    {DM_FACT_BLOCKED, "..KKK.K."},
    {DM_FACT_RESUMED, ".......R"},    {DM_FACT_DROPPED, ".....SS."},
    {DM_FACT_RETURNED, ".....P.."},   {DM_FACT_GONE, "XX.....X"},
};

static void test_grid(void) {
    static const char letters[] = "SRUCPDFKX";
    g_assert_cmpuint(G_N_ELEMENTS(grid), ==, DM_FACT_COUNT);
    for (size_t i = 0; i < G_N_ELEMENTS(grid); i++) {
        for (int state = 0; state < DM_STATE_COUNT; state++) {
            int to = dm_transition((enum dm_state)state, grid[i].fact);
            char shown = to < 0 ? '.' : letters[to];
            g_assert_cmpint(shown, ==, grid[i].to[state]);
        }
    }
}

static void test_names(void) {
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        const char *name = dm_state_name((enum dm_state)state);
        g_assert_cmpint(dm_state_from_name(name), ==, state);
    }
    g_assert_cmpint(dm_state_from_name("nowhere"), ==, DM_STATE_COUNT);
}

static void expect_breach(const struct dm_row *row, const char *breach) {
    g_autofree char *found = dm_row_breach(row);
    g_assert_cmpstr(found, ==, breach);
}

/** What each state promises, and that a row which breaks it does not go unnoticed. */
static void test_invariants(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    struct dm_row *rows[DM_STATE_COUNT];
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        rows[state] = row_in_state(ledger, (enum dm_state)state);
        expect_breach(rows[state], NULL);
    }
    rows[DM_STATE_SEEN]->attempt = 1;
    expect_breach(rows[DM_STATE_SEEN], "a seen row has an attempt");
    dm_row_set(&rows[DM_STATE_READY]->chain, "");
    expect_breach(rows[DM_STATE_READY], "a ready row has no chain");
    rows[DM_STATE_RUNNING]->job = 0;
    expect_breach(rows[DM_STATE_RUNNING], "a running row has no job");
    rows[DM_STATE_COMPUTED]->bytes = 0;
    expect_breach(rows[DM_STATE_COMPUTED], "a computed row has no bytes");
    dm_row_set(&rows[DM_STATE_PUBLISHED]->temp, "t");
    expect_breach(rows[DM_STATE_PUBLISHED], "a published row has a temp");
    dm_row_set(&rows[DM_STATE_DONE]->output, "");
    expect_breach(rows[DM_STATE_DONE], "a done row has no output");
    rows[DM_STATE_FAILED]->reason = DM_REASON_NONE;
    expect_breach(rows[DM_STATE_FAILED], "a failed row has no reason");
    rows[DM_STATE_PARKED]->not_before_utc_us = 0;
    expect_breach(rows[DM_STATE_PARKED], "a parked row has no not_before");
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        dm_row_free(rows[state]);
    }
    dm_ledger_free(ledger);
}

#ifdef DM_CHECK_ROWS
static void test_breach_is_fatal(void) {
    if (g_test_subprocess()) {
        struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
        dm_ledger_move(ledger, row_in_state(ledger, DM_STATE_READY), DM_FACT_DISPATCHED);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*'gray/ready.jpg': a running row has no job*");
}
#endif

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/grid/facts", test_grid);
    g_test_add_func("/ledger/grid/names", test_names);
    g_test_add_func("/ledger/grid/invariants", test_invariants);
#ifdef DM_CHECK_ROWS
    g_test_add_func("/ledger/grid/breach-is-fatal", test_breach_is_fatal);
#endif
    return g_test_run();
}
