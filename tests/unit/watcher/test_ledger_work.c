// SPDX-License-Identifier: MIT
//
// What the ledger gives out next: folders in turn, in each its subfolders, in each the oldest.
#include "watcher/ledger/ledger.h"

#include <string.h>

static const struct dm_fingerprint print = {.ino = 2, .size_bytes = 4, .mtime_ns = 5};

static void add_ready(struct dm_ledger *ledger, const char *path) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_insert(ledger, path, "gray", &print);
    dm_ledger_move(ledger, row, DM_FACT_SETTLED);
}

/** Paths from "path path ...", in the order in which they were dropped. */
static struct dm_ledger *with_ready(const char *paths) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_auto(GStrv) words = g_strsplit(paths, " ", -1);
    for (char **word = words; *word != NULL && **word != '\0'; word++) {
        add_ready(ledger, *word);
    }
    return ledger;
}

static void dispatch(struct dm_ledger *ledger, struct dm_row *row) {
    dm_row_set(&row->temp, "t");
    row->job = 1;
    dm_ledger_move(ledger, row, DM_FACT_DISPATCHED);
}

/** Ask for @limit and dispatch the first @taken of them; returns the paths of these. */
static char *take(struct dm_ledger *ledger, int64_t limit, guint taken) {
    g_autoptr(GPtrArray) rows = dm_ledger_work(ledger, limit);
    g_assert_cmpint((int64_t)rows->len, <=, limit);
    GString *paths = g_string_new(NULL);
    for (guint i = 0; i < MIN(taken, rows->len); i++) {
        struct dm_row *row = rows->pdata[i];
        g_string_append_printf(paths, "%s%s", i > 0 ? " " : "", row->path);
        dispatch(ledger, row);
    }
    return g_string_free(paths, FALSE);
}

static void expect(struct dm_ledger *ledger, int64_t limit, guint taken, const char *expected) {
    g_autofree char *paths = take(ledger, limit, taken);
    g_assert_cmpstr(paths, ==, expected);
}

static void test_order(void) {
    static const struct {
        const char *dropped;
        int64_t limit;
        const char *given;
    } cases[] = {
        {"", 10, ""},
        {"a/3 a/1 a/2", 10, "a/3 a/1 a/2"},
        {"a/3 a/1 a/2", 2, "a/3 a/1"},
        {"a/1 a/2 a/3 b/1 b/2", 10, "a/1 b/1 a/2 b/2 a/3"},
        {"a/1 a/2 a/3 a/4 b/1 c/1", 4, "a/1 b/1 c/1 a/2"},
        {"c/1 b/1 a/1", 2, "a/1 b/1"}, // by name: who is passed over now has the next turn
        {"a/x/1 a/x/2 a/x/3 a/y/1 a/0", 10, "a/0 a/x/1 a/y/1 a/x/2 a/x/3"},
        {"a/x/1 a/x/p/2 a/x/q/3 a/y/1", 10, "a/x/1 a/y/1 a/x/p/2 a/x/q/3"},
        {"a/x/1 a/x/2 a/y/1 a/y/2 b/1 b/2", 6, "a/x/1 b/1 a/y/1 b/2 a/x/2"},
        {"1 2 a/1", 10, "1 a/1 2"},
        {"a-/1 a/1 a/x/1 a/x-/1 a/2", 10, "a/1 a-/1 a/x/1 a/x-/1 a/2"},
        {"\xff/\xfe/1 \xff/1 \xff/\xfe/2", 10, "\xff/1 \xff/\xfe/1 \xff/\xfe/2"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_ledger *ledger = with_ready(cases[i].dropped);
        expect(ledger, cases[i].limit, 100, cases[i].given);
        dm_ledger_free(ledger);
    }
}

/** The next turn begins behind the last that was dispatched, not behind what was only looked at. */
static void test_goes_on(void) {
    struct dm_ledger *ledger = with_ready("a/1 a/2 a/3 b/1 b/2 b/3 c/x/1 c/y/1 c/z/1");
    expect(ledger, 9, 1, "a/1");
    expect(ledger, 9, 1, "b/1");
    expect(ledger, 2, 2, "c/x/1 a/2");
    expect(ledger, 9, 0, "");
    expect(ledger, 3, 3, "b/2 c/y/1 a/3");
    expect(ledger, 9, 9, "b/3 c/z/1");
    expect(ledger, 9, 9, "");
    dm_ledger_free(ledger);
}

static void test_only_work(void) {
    struct dm_ledger *ledger = with_ready("a/suspect b/temp c/running d/ready");
    DM_AUTO_ROW struct dm_row *suspect = dm_ledger_find(ledger, "a/suspect");
    suspect->suspect = true;
    dm_ledger_save(ledger, suspect);
    DM_AUTO_ROW struct dm_row *temp = dm_ledger_find(ledger, "b/temp");
    dm_row_set(&temp->temp, "t");
    dm_ledger_save(ledger, temp);
    DM_AUTO_ROW struct dm_row *running = dm_ledger_find(ledger, "c/running");
    dispatch(ledger, running);
    DM_AUTO_ROW struct dm_row *seen = dm_ledger_insert(ledger, "e/seen", "gray", &print);
    expect(ledger, 10, 10, "d/ready");
    dm_row_set(&temp->temp, "");
    dm_ledger_save(ledger, temp);
    expect(ledger, 10, 10, "b/temp");
    dm_ledger_free(ledger);
}

/** Two that each have much: at no time has one had two turns more. */
static void test_two_large_folders(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    for (int i = 0; i < 2000; i++) { // one after the other, as they are dropped
        g_autofree char *path = g_strdup_printf("%s/%d.jpg", i < 1000 ? "gray" : "sepia", i);
        add_ready(ledger, path);
    }
    int balance = 0;
    for (int i = 0; i < 2000 / 50; i++) {
        g_autofree char *paths = take(ledger, 64, 50);
        g_auto(GStrv) words = g_strsplit(paths, " ", -1);
        for (char **word = words; *word != NULL; word++) {
            balance += g_str_has_prefix(*word, "gray") ? 1 : -1;
            g_assert_cmpint(ABS(balance), <=, 1);
        }
    }
    g_assert_cmpint(balance, ==, 0);
    dm_ledger_free(ledger);
}

/** A newcomer has its turn when each of the others has had one, in whatever order they come. */
static void test_none_starves(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_autoptr(GHashTable) since = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (int turn = 0; turn < 3000; turn++) {
        for (int i = 0; i < 2; i++) { // more come than go
            g_autofree char *path = g_strdup_printf("f%d/s%d/%d-%d", g_rand_int_range(random, 0, 9),
                                                    g_rand_int_range(random, 0, 3), turn, i);
            char *folder = g_strndup(path, 2);
            add_ready(ledger, path);
            if (!g_hash_table_contains(since, folder)) {
                g_hash_table_insert(since, folder, GINT_TO_POINTER(turn));
            } else {
                g_free(folder);
            }
        }
        g_autofree char *given = take(ledger, g_rand_int_range(random, 1, 20), 1);
        g_autofree char *folder = g_strndup(given, 2);
        g_assert_cmpint(turn - GPOINTER_TO_INT(g_hash_table_lookup(since, folder)), <=, 9);
        g_hash_table_insert(since, g_steal_pointer(&folder), GINT_TO_POINTER(turn));
    }
    dm_ledger_free(ledger);
}

static void test_arrivals(void) {
    struct dm_ledger *ledger = dm_ledger_open(":memory:", false, NULL);
    g_assert_cmpuint(dm_ledger_drops(ledger), ==, 0);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_insert(ledger, "gray/a", "gray", &print);
    g_assert_cmpuint(dm_ledger_drops(ledger), ==, 1);
    static const enum dm_fact facts[] = {DM_FACT_SETTLED, DM_FACT_CHANGED, DM_FACT_SETTLED,
                                         DM_FACT_REFUSED, DM_FACT_RETIRED};
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        row->reason = facts[i] == DM_FACT_REFUSED ? DM_REASON_DAMAGED : row->reason;
        dm_ledger_move(ledger, row, facts[i]);
        dm_ledger_save(ledger, row);
        g_assert_cmpuint(dm_ledger_drops(ledger), ==, 1);
    }
    dm_ledger_move(ledger, row, DM_FACT_DROPPED);
    g_assert_cmpuint(dm_ledger_drops(ledger), ==, 2);
    dm_ledger_free(ledger);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/work/order", test_order);
    g_test_add_func("/ledger/work/goes-on", test_goes_on);
    g_test_add_func("/ledger/work/only-work", test_only_work);
    g_test_add_func("/ledger/work/two-large-folders", test_two_large_folders);
    g_test_add_func("/ledger/work/none-starves", test_none_starves);
    g_test_add_func("/ledger/work/arrivals", test_arrivals);
    return g_test_run();
}
