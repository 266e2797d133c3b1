// SPDX-License-Identifier: MIT
//
// When a session is started before there is work, and when it is no longer.
#include "watcher/engine/early.h"

#include <glib.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

static void test_arrival(void) {
    struct dm_early early = {0};
    g_assert_false(dm_early_arrived(&early, 0, SECOND));
    g_assert_true(dm_early_arrived(&early, 3, SECOND));
    g_assert_false(dm_early_arrived(&early, 3, SECOND)); // looked at once
    g_assert_true(dm_early_arrived(&early, 4, SECOND));
}

/** A job that had work may be followed by another that starts early, whenever. */
static void test_worked(void) {
    struct dm_early early = {0};
    dm_early_started(&early);
    dm_early_worked(&early);
    dm_early_ended(&early, MINUTE);
    g_assert_true(dm_early_arrived(&early, 1, MINUTE));
    dm_early_ended(&early, 2 * MINUTE); // one that did not start early
    g_assert_true(dm_early_arrived(&early, 2, 2 * MINUTE));
}

/** Files that come and go and are never ready have one job in ten minutes. */
static void test_in_vain(void) {
    struct dm_early early = {0};
    dm_early_started(&early);
    dm_early_ended(&early, MINUTE);
    uint64_t arrivals = 0;
    for (int64_t now_us = MINUTE; now_us < 11 * MINUTE; now_us += SECOND) {
        g_assert_false(dm_early_arrived(&early, ++arrivals, now_us));
    }
    g_assert_false(dm_early_arrived(&early, arrivals, 11 * MINUTE)); // what came then is no news
    g_assert_true(dm_early_arrived(&early, arrivals + 1, 11 * MINUTE));
}

/** Work makes up for it. */
static void test_in_vain_then_work(void) {
    struct dm_early early = {0};
    dm_early_started(&early);
    dm_early_ended(&early, MINUTE);
    dm_early_worked(&early);
    dm_early_ended(&early, 2 * MINUTE);
    g_assert_true(dm_early_arrived(&early, 1, 2 * MINUTE));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/early/arrival", test_arrival);
    g_test_add_func("/early/worked", test_worked);
    g_test_add_func("/early/in-vain", test_in_vain);
    g_test_add_func("/early/in-vain-then-work", test_in_vain_then_work);
    return g_test_run();
}
