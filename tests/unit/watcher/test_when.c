// SPDX-License-Identifier: MIT
//
// Points in time as people write them.
#include "watcher/cli/when.h"

#include "common/error.h"

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
// 2026-11-28 14:30:00 in Berlin, which is an hour before UTC then.
#define NOW (INT64_C(1795872600) * SECOND)

static const struct {
    const char *text;
    int64_t expected_utc_us; // 0: it is none
} cases[] = {
    {"2h", NOW - 2 * HOUR},
    {"3d", NOW - 72 * HOUR},
    {"90s", NOW - 90 * SECOND},
    {"2026-11-28 14:30", NOW},
    {"2026-11-28T14:30:00", NOW},
    {"2026-11-28 14:30:07", NOW + 7 * SECOND},
    {"2026-11-28", NOW - 14 * HOUR - HOUR / 2},
    {"14:00", NOW - HOUR / 2},
    {"14:00:30", NOW - HOUR / 2 + 30 * SECOND},
    {"2026-07-28 14:30", INT64_C(1785241800) * SECOND}, // two hours before UTC
    {"2026-02-29", 0},
    {"2026-13-01", 0},
    {"2026-11-28 25:00", 0},
    {"2026-11-28 14", 0},
    {"2026-11-2", 0},
    {"28.11.2026", 0},
    {"yesterday", 0},
    {"", 0},
    {"2026-11-28 14:30 ", 0},
    {"-2h", 0},
};

static void test_when(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t utc_us = 0;
        g_test_message("'%s'", cases[i].text);
        bool good = dm_parse_when(cases[i].text, NOW, &utc_us, &error);
        g_assert_cmpint(good, ==, cases[i].expected_utc_us != 0);
        g_assert_cmpint(utc_us, ==, cases[i].expected_utc_us);
        g_assert_true(good || g_error_matches(error, DM_ERROR, DM_ERROR_CONFIG));
    }
}

int main(int argc, char **argv) {
    g_setenv("TZ", "Europe/Berlin", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/when", test_when);
    return g_test_run();
}
