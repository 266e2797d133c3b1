// SPDX-License-Identifier: MIT
//
// How long a rank sleeps, as a table of what its turns found.
#include "mpi_worker/job/pace.h"

#include <glib.h>

#define VIEW(...) ((struct dm_pace_view){__VA_ARGS__})

static void check(struct dm_pace *pace, struct dm_pace_view view, int64_t time_us, bool nap) {
    bool got_nap = !nap;
    g_assert_cmpint(dm_pace_next(pace, &view, &got_nap), ==, time_us);
    g_assert_cmpint(got_nap, ==, nap);
}

static void test_work_means_no_sleep(void) {
    struct dm_pace pace = {0};
    check(&pace, VIEW(.worked = true, .moving = true, .busy = true), 0, false);
    check(&pace, VIEW(.worked = true, .alone = true, .coordinator = true), 0, false);
}

static void test_moving(void) {
    struct dm_pace pace = {0};
    for (int i = 0; i < 5; i++) {
        check(&pace, VIEW(.moving = true, .busy = true), 200, false);
    }
}

static void test_busy_among_others(void) {
    struct dm_pace pace = {0};
    for (int i = 0; i < 50; i++) {
        check(&pace, VIEW(.busy = true, .coordinator = i % 2 == 0), 2000, true);
    }
}

static void test_busy_alone(void) {
    struct dm_pace pace = {0};
    const struct dm_pace_view busy = {.busy = true, .alone = true, .coordinator = true};
    check(&pace, busy, 1000, true);
    check(&pace, busy, DM_PACE_CHECK_US, false);
    check(&pace, busy, DM_PACE_CHECK_US, false);
    check(&pace, VIEW(.worked = true, .alone = true), 0, false);
    check(&pace, busy, 1000, true);
}

static void test_idle(void) {
    static const int64_t expected_us[] = {2000, 4000, 8000, 16000, 20000, 20000};
    struct dm_pace pace = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < G_N_ELEMENTS(expected_us); i++) {
            check(&pace, VIEW(.busy = false), expected_us[i], false);
        }
        check(&pace, VIEW(.worked = true), 0, false);
    }
    check(&pace, VIEW(.coordinator = true), DM_PACE_FOREVER, false);
    check(&pace, VIEW(.coordinator = true, .alone = true), DM_PACE_FOREVER, false);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pace/work-means-no-sleep", test_work_means_no_sleep);
    g_test_add_func("/pace/moving", test_moving);
    g_test_add_func("/pace/busy-among-others", test_busy_among_others);
    g_test_add_func("/pace/busy-alone", test_busy_alone);
    g_test_add_func("/pace/idle", test_idle);
    return g_test_run();
}
