// SPDX-License-Identifier: MIT
//
// Clock guard: which clocks may be believed.
#include "watcher/outbox/clock_guard.h"

#include <glib.h>

#define MINUTE_US (INT64_C(60) * 1000000)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)
#define START_US (20000 * DAY_US)

/** A step of both clocks since the last look. */
struct step {
    int64_t steady_us, utc_us;
    bool away, may_delete;
};

static void play(struct dm_clock_guard *guard, const struct step *steps, size_t count) {
    int64_t steady_us = 0, utc_us = START_US;
    for (size_t i = 0; i < count; i++) {
        steady_us += steps[i].steady_us;
        utc_us += steps[i].utc_us;
        g_test_message("step %zu", i);
        g_assert_true(dm_clock_guard_look(guard, steady_us, utc_us) == steps[i].away);
        g_assert_true(dm_clock_guard_may_delete(guard) == steps[i].may_delete);
    }
}

static void test_steps(void) {
    static const struct step steps[] = {
        {0, 0, false, true},
        {HOUR_US, HOUR_US, false, true},
        {HOUR_US, HOUR_US + 59 * MINUTE_US, false, true}, // set right by a little
        {HOUR_US, 365 * DAY_US, true, false},
        {0, -20, false, false}, // and by moments after its jump
        {DAY_US - HOUR_US, DAY_US - HOUR_US, false, false},
        {HOUR_US, HOUR_US + 20, false, true},
        {HOUR_US, -400 * DAY_US, true, false}, // backwards, too
    };
    struct dm_clock_guard guard = {0};
    play(&guard, steps, G_N_ELEMENTS(steps));
}

/** What an earlier process saw counts, but for the time that a machine may have been off. */
static void test_other_process(void) {
    struct dm_clock_guard off = {.utc_us = START_US - 6 * DAY_US};
    play(&off, &(struct step){0, 0, false, true}, 1);
    struct dm_clock_guard jumped = {.utc_us = START_US - 8 * DAY_US};
    play(&jumped, &(struct step){0, 0, true, false}, 1);
    struct dm_clock_guard waits = {.utc_us = START_US, .wait_utc_us = START_US + HOUR_US};
    play(&waits, &(struct step){0, 0, false, false}, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock-guard/steps", test_steps);
    g_test_add_func("/clock-guard/other-process", test_other_process);
    return g_test_run();
}
