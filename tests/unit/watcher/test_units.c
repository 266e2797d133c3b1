// SPDX-License-Identifier: MIT
//
// Durations, sizes and numbers of pixels: as people write them, as they are printed.
#include "watcher/units.h"

#include "common/error.h"

typedef bool (*parse_fn)(const char *text, int64_t *ret, GError **error);
typedef char *(*format_fn)(int64_t value);

static const struct {
    parse_fn parse;
    format_fn format;
    const char *text;
    int64_t value; // -1: refused
    const char *printed;
} cases[] = {
    {dm_parse_duration, dm_format_duration, "1.5s", 1500000, "1500ms"},
    {dm_parse_duration, dm_format_duration, " 5 min ", 300000000, "5min"},
    {dm_parse_duration, dm_format_duration, "14d", INT64_C(1209600000000), "14d"},
    {dm_parse_duration, dm_format_duration, "24h", INT64_C(86400000000), "1d"},
    {dm_parse_duration, dm_format_duration, "250us", 250, "250us"},
    {dm_parse_duration, dm_format_duration, "0", 0, "0"},
    {dm_parse_duration, dm_format_duration, "0.0001s", 100, "100us"},
    {dm_parse_duration, dm_format_duration, "forever", INT64_MAX, "forever"},
    {dm_parse_duration, dm_format_duration, "1 sec", 1000000, "1s"},
    {dm_parse_duration, dm_format_duration, "90 seconds", 90000000, "90s"},
    {dm_parse_duration, dm_format_duration, "2 mins", 120000000, "2min"},
    {dm_parse_duration, dm_format_duration, "1 hour", INT64_C(3600000000), "1h"},
    {dm_parse_duration, dm_format_duration, "3Hours", INT64_C(10800000000), "3h"},
    {dm_parse_duration, dm_format_duration, "2 days", INT64_C(172800000000), "2d"},
    {dm_parse_endless_duration, dm_format_duration, "forever", INT64_MAX, "forever"},
    {dm_parse_duration, NULL, "5", -1, NULL},
    {dm_parse_duration, NULL, "5 weeks", -1, NULL},
    {dm_parse_duration, NULL, "-5s", -1, NULL},
    {dm_parse_duration, NULL, "s", -1, NULL},
    {dm_parse_duration, NULL, "", -1, NULL},
    {dm_parse_duration, NULL, "1.s", -1, NULL},
    {dm_parse_duration, NULL, "1e3s", -1, NULL},
    {dm_parse_duration, NULL, "0x10s", -1, NULL},
    {dm_parse_duration, NULL, "inf", -1, NULL},
    {dm_parse_duration, NULL, "999999999999999d", -1, NULL},
    {dm_parse_bytes, dm_format_bytes, "200MB", 200000000, "200MB"},
    {dm_parse_bytes, dm_format_bytes, "200mb", 200000000, "200MB"},
    {dm_parse_bytes, dm_format_bytes, "256MiB", 268435456, "256MiB"},
    {dm_parse_bytes, dm_format_bytes, "1.5 kB", 1500, "1500B"},
    {dm_parse_bytes, dm_format_bytes, "0", 0, "0"},
    {dm_parse_bytes, NULL, "200M", -1, NULL},
    {dm_parse_bytes, NULL, "200", -1, NULL},
    {dm_parse_bytes, NULL, "forever", -1, NULL},
    {dm_parse_pixels, dm_format_pixels, "250MP", 250000000, "250MP"},
    {dm_parse_pixels, dm_format_pixels, "12px", 12, "12px"},
    {dm_parse_pixels, NULL, "12MB", -1, NULL},
};

static void test_units(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("'%s'", cases[i].text);
        g_autoptr(GError) error = NULL;
        int64_t value = -1;
        bool good = cases[i].parse(cases[i].text, &value, &error);
        g_assert_cmpint(value, ==, cases[i].value);
        g_assert_cmpint(good, ==, cases[i].value >= 0);
        if (!good) {
            g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
            continue;
        }
        g_autofree char *printed = cases[i].format(value);
        g_assert_cmpstr(printed, ==, cases[i].printed);
        int64_t again = -1;
        g_assert_true(cases[i].parse(printed, &again, NULL));
        g_assert_cmpint(again, ==, value);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/units/units", test_units);
    return g_test_run();
}
