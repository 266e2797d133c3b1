// SPDX-License-Identifier: MIT
//
// Quiet hours: what can be written, when it is quiet, when that ends; over midnight, over the end
// of the week, in both nights in which the clocks are changed.
#include "watcher/quiet_hours.h"

#include "common/error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/** @wall: "2026-03-29 02:30" in @zone, as its clock shows it, the first time; us since 1970. */
static int64_t at(const char *wall) {
    int year, month, day, hour, minute;
    g_assert_cmpint(sscanf(wall, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute), ==, 5);
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_isdst = -1};
    return (int64_t)mktime(&tm) * G_USEC_PER_SEC;
}

static void set_zone(const char *zone) {
    g_setenv("TZ", zone, TRUE);
    tzset();
}

static void test_when(void) {
    // 2026-11-27 is a Friday.
    static const struct {
        const char *text, *wall;
        // NULL: it is not quiet.
        const char *until;
    } cases[] = {
        {"", "2026-11-27 12:00", NULL},
        {"08:00-18:00", "2026-11-27 07:59", NULL},
        {"08:00-18:00", "2026-11-27 08:00", "2026-11-27 18:00"},
        {"08:00-18:00", "2026-11-28 17:59", "2026-11-28 18:00"},
        {"08:00-18:00", "2026-11-27 18:00", NULL},
        {"Mon-Fri 08:00-18:00", "2026-11-27 12:00", "2026-11-27 18:00"},
        {"Mon-Fri 08:00-18:00", "2026-11-28 12:00", NULL},
        {"fri-MON 8:00-9:00", "2026-11-29 08:30", "2026-11-29 09:00"},
        {"Fri-Mon 8:00-9:00", "2026-11-26 08:30", NULL},
        {"Sat 22:00-06:00", "2026-11-28 23:00", "2026-11-29 06:00"},
        {"Sat 22:00-06:00", "2026-11-29 05:59", "2026-11-29 06:00"},
        {"Sat 22:00-06:00", "2026-11-28 05:59", NULL},
        {"Sat 22:00-06:00", "2026-11-29 23:00", NULL},
        {"Sun 22:00-24:00, Mon 00:00-07:00", "2026-11-29 22:30", "2026-11-30 07:00"},
        {"Mon-Fri 08:00-12:00,  Sat 10:00-11:00", "2026-11-28 10:10", "2026-11-28 11:00"},
        {"08:00-12:00, 11:00-14:00", "2026-11-27 09:00", "2026-11-27 14:00"},
    };
    set_zone("Europe/Berlin");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s at %s", cases[i].text, cases[i].wall);
        g_autoptr(GError) error = NULL;
        struct dm_quiet_hours *hours = dm_quiet_hours_parse(cases[i].text, &error);
        g_assert_no_error(error);
        int64_t now_us = at(cases[i].wall) + 30 * G_USEC_PER_SEC;
        g_assert_cmpint(dm_quiet_hours_has(hours, now_us), ==, cases[i].until != NULL);
        if (cases[i].until != NULL) {
            g_assert_cmpint(dm_quiet_hours_end(hours, now_us), ==, at(cases[i].until));
        }
        dm_quiet_hours_free(hours);
    }
}

static void test_all_week(void) {
    struct dm_quiet_hours *hours = dm_quiet_hours_parse("00:00-24:00", NULL);
    int64_t now_us = at("2026-11-27 12:00");
    g_assert_true(dm_quiet_hours_has(hours, now_us));
    g_assert_cmpint(dm_quiet_hours_end(hours, now_us), ==, INT64_MAX);
    dm_quiet_hours_free(hours);
}

/** It is quiet while the clock on the wall says so: an hour less in spring, an hour more in autumn.
 */
static void test_summer_time(void) {
    set_zone("Europe/Berlin");
    struct dm_quiet_hours *hours = dm_quiet_hours_parse("01:00-04:00", NULL);
    int64_t spring_us = at("2026-03-29 01:00"), autumn_us = at("2026-10-25 01:00");
    int64_t hour_us = INT64_C(3600) * G_USEC_PER_SEC;
    g_assert_cmpint(dm_quiet_hours_end(hours, spring_us) - spring_us, ==, 2 * hour_us);
    g_assert_cmpint(dm_quiet_hours_end(hours, autumn_us) - autumn_us, ==, 4 * hour_us);
    dm_quiet_hours_free(hours);
    // A time that there is not in that night; one that there is twice.
    struct dm_quiet_hours *gap = dm_quiet_hours_parse("02:30-02:45", NULL);
    g_assert_false(dm_quiet_hours_has(gap, spring_us + 90 * hour_us / 60));
    g_assert_true(dm_quiet_hours_has(gap, autumn_us + 95 * hour_us / 60));
    g_assert_true(dm_quiet_hours_has(gap, autumn_us + 155 * hour_us / 60));
    dm_quiet_hours_free(gap);
}

static void test_nonsense(void) {
    static const char *const texts[] = {
        "always",       "08:00",          "08:00-",          "8-18",          "25:00-26:00",
        "08:60-09:00",  "08:00-08:00",    "24:00-08:00",     "Mon-",          "Mon",
        "Mo 8:00-9:00", "Mon-Fry 8:00-9", "Mon8:00-9:00",    "08:00-18:00,",  ",",
        "08:0-09:00",   "008:00-09:00",   "08:00-18:00 Mon", "Mon -Fri 8:00", "-1:00-2:00",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_test_message("%s", texts[i]);
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_quiet_hours_parse(texts[i], &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, "Mon-Fri 08:00-18:00"));
    }
    dm_quiet_hours_free(NULL);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quiet_hours/when", test_when);
    g_test_add_func("/quiet_hours/all_week", test_all_week);
    g_test_add_func("/quiet_hours/summer_time", test_summer_time);
    g_test_add_func("/quiet_hours/nonsense", test_nonsense);
    return g_test_run();
}
