// SPDX-License-Identifier: MIT
//
// The ledger does not grow with its age, and a file costs it the same at the end as at the
// beginning: by counts of rows, pages and statements. The long form, with times: make year.
#include "tests/unit/watcher/support/ledger_year.h"
#include "tests/unit/watcher/support/share_dir.h"

#include "common/fsutil.h"
#include "watcher/expiry.h"
#include "watcher/ledger/expiry.h"

#include <glib.h>
#include <glib/gstdio.h>

#define FILES 200
#define KEEP_DAYS 8

static void go_on(struct year *year, int days, int64_t files, struct year_day *ret) {
    for (int day = 0; day < days; day++) {
        year_go_on(year, files, ret);
    }
}

static void test_size(void) {
    g_autofree char *share = share_dir_make();
    g_autofree char *path = g_build_filename(share, "ledger.db", NULL);
    struct year *year = year_new(path, share, KEEP_DAYS);
    struct year_day early, late;
    struct year_size after, in_the_end;
    go_on(year, 20, FILES, &early);
    year_measure(year, &after);
    go_on(year, 40, FILES, &late);
    year_measure(year, &in_the_end);
    // Ten rows stand for the names that come each day; a day more may be kept than was asked for.
    g_assert_cmpint(in_the_end.files, <=, (KEEP_DAYS + 1) * FILES);
    g_assert_cmpint(in_the_end.history, <=, (KEEP_DAYS + 1) * FILES * 7);
    g_assert_cmpint(in_the_end.outputs, <=, (KEEP_DAYS + 2) * FILES);
    g_assert_cmpint(in_the_end.uploads, <=, (KEEP_DAYS + 2) * FILES);
    g_assert_cmpint(in_the_end.originals, <=, 15 * FILES);
    g_assert_cmpint(in_the_end.pages, <=, after.pages + after.pages / 10);
    g_assert_cmpint(late.steps_a_file, <=, early.steps_a_file + 1);
    year_free(year);
    dm_remove_tree(share);
}

/** A day of many files is forgotten in as many pieces as it needs, and all of it. */
static void test_burst(void) {
    g_autofree char *share = share_dir_make();
    g_autofree char *path = g_build_filename(share, "ledger.db", NULL);
    struct year *year = year_new(path, share, KEEP_DAYS);
    struct year_day burst, idle;
    struct year_size size;
    year_go_on(year, 20 * FILES, &burst);
    go_on(year, KEEP_DAYS - 1, 0, &idle);
    g_assert_cmpint(idle.pieces, <, 100);
    go_on(year, 1, 0, &idle);
    g_assert_cmpint(idle.pieces, >, 100); // 20,000 and more lines of history, 200 a turn
    go_on(year, 1, 0, &idle);
    year_measure(year, &size);
    g_assert_cmpint(size.files + size.history + size.outputs + size.uploads, ==, 0);
    year_free(year);
    dm_remove_tree(share);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/year/size", test_size);
    g_test_add_func("/ledger/year/burst", test_burst);
    return g_test_run();
}
