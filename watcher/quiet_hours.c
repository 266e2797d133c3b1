// SPDX-License-Identifier: MIT
//
// Quiet hours: see quiet_hours.h.
#include "watcher/quiet_hours.h"

#include "common/error.h"

#include <string.h>
#include <time.h>

#define MINUTE_US (INT64_C(60) * G_USEC_PER_SEC)
#define DAY_MINUTES (24 * 60)
// A week, and the hour by which one may be longer.
#define LOOK_MINUTES (7 * DAY_MINUTES + 60)

#define EXPECTED "expected ranges such as \"Mon-Fri 08:00-18:00, Sun 22:00-06:00\""

// As struct tm counts them.
static const char *const day_names[7] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct range {
    // Bits 1 << day: those on which it begins.
    unsigned days;
    // Minutes of the day; until <= from: of the next one.
    int from, until;
};

struct dm_quiet_hours {
    // Of struct range.
    GArray *ranges;
};

// ---- read

/** The day that *@text begins with, which moves behind it; -1: none. */
static int read_day(const char **text) {
    for (int day = 0; day < 7; day++) {
        if (g_ascii_strncasecmp(*text, day_names[day], 3) == 0) {
            *text += 3;
            return day;
        }
    }
    return -1;
}

/** "Mon", "Mon-Fri", "Fri-Mon", or nothing, which is every day. */
static bool read_days(const char **text, unsigned *ret_days) {
    int first = read_day(text);
    int last = first;
    if (first < 0) {
        *ret_days = 0x7f;
        return !g_ascii_isalpha(**text);
    }
    if (**text == '-') {
        ++*text;
        last = read_day(text);
    }
    *ret_days = 0;
    for (int day = first; last >= 0; day = (day + 1) % 7) {
        *ret_days |= 1u << day;
        if (day == last) {
            return **text == ' ';
        }
    }
    return false;
}

/** "8:00", "18:30", "24:00". */
static bool read_time(const char **text, int *ret_minutes) {
    int numbers[2];
    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(*text, "0123456789");
        if (digits == 0 || digits > 2 || (i == 1 && digits != 2)) {
            return false;
        }
        numbers[i] = (int)g_ascii_strtoll(*text, NULL, 10);
        *text += digits;
        if (i == 0 && *(*text)++ != ':') {
            return false;
        }
    }
    *ret_minutes = numbers[0] * 60 + numbers[1];
    return numbers[1] < 60 && *ret_minutes <= DAY_MINUTES;
}

static bool read_range(const char *text, struct range *ret) {
    if (!read_days(&text, &ret->days)) {
        return false;
    }
    text += strspn(text, " ");
    return read_time(&text, &ret->from) && *text++ == '-' && read_time(&text, &ret->until) &&
           *text == '\0' && ret->from < DAY_MINUTES && ret->from != ret->until;
}

struct dm_quiet_hours *dm_quiet_hours_parse(const char *text, GError **error) {
    struct dm_quiet_hours *hours = g_new0(struct dm_quiet_hours, 1);
    hours->ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (size_t i = 0; parts[i] != NULL; i++) {
        struct range range;
        if (!read_range(g_strstrip(parts[i]), &range)) {
            dm_fail(error, DM_ERROR_CONFIG, "'%s' is no range of times, " EXPECTED, parts[i]);
            dm_quiet_hours_free(hours);
            return NULL;
        }
        g_array_append_val(hours->ranges, range);
    }
    return hours;
}

void dm_quiet_hours_free(struct dm_quiet_hours *hours) {
    if (hours != NULL) {
        g_array_unref(hours->ranges);
        g_free(hours);
    }
}

// ---- asked

static bool is_in(const struct range *range, int day, int minute) {
    unsigned today = range->days >> day & 1u, yesterday = range->days >> (day + 6) % 7 & 1u;
    if (range->from < range->until) {
        return today && minute >= range->from && minute < range->until;
    }
    return (today && minute >= range->from) || (yesterday && minute < range->until);
}

bool dm_quiet_hours_has(const struct dm_quiet_hours *hours, int64_t utc_us) {
    time_t utc_s = (time_t)(utc_us / G_USEC_PER_SEC);
    struct tm wall;
    if (hours->ranges->len == 0 || localtime_r(&utc_s, &wall) == NULL) {
        return false;
    }
    for (guint i = 0; i < hours->ranges->len; i++) {
        const struct range *range = &g_array_index(hours->ranges, struct range, i);
        if (is_in(range, wall.tm_wday, wall.tm_hour * 60 + wall.tm_min)) {
            return true;
        }
    }
    return false;
}

int64_t dm_quiet_hours_end(const struct dm_quiet_hours *hours, int64_t utc_us) {
    int64_t minute_us = utc_us / MINUTE_US * MINUTE_US;
    for (int i = 1; i <= LOOK_MINUTES; i++) {
        if (!dm_quiet_hours_has(hours, minute_us + i * MINUTE_US)) {
            return minute_us + i * MINUTE_US;
        }
    }
    return INT64_MAX;
}
