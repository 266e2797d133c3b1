// SPDX-License-Identifier: MIT
//
// See when.h.
#include "watcher/cli/when.h"

#include "common/error.h"
#include "watcher/units.h"

#include <stdio.h>

/** A date and a time; what is not written is 0. */
struct parts {
    int year, month, day, hour, minute, second;
};

/** The digits of @text follow @form, where 0 stands for any digit; no more, no less. */
static bool has_form(const char *text, const char *form) {
    for (; *form != '\0'; form++, text++) {
        bool fits = *form == '0' ? g_ascii_isdigit(*text) : *form == *text;
        fits |= *form == ' ' && *text == 'T'; // as machines write it
        if (!fits) {
            return false;
        }
    }
    return *text == '\0';
}

/** The number of @digits digits at @text. */
static int number(const char *text, int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static void read_time(const char *text, bool seconds, struct parts *ret) {
    ret->hour = number(text, 2);
    ret->minute = number(text + 3, 2);
    ret->second = seconds ? number(text + 6, 2) : 0;
}

static void read_date(const char *text, struct parts *ret) {
    ret->year = number(text, 4);
    ret->month = number(text + 5, 2);
    ret->day = number(text + 8, 2);
}

static void read_today(int64_t now_utc_us, struct parts *ret) {
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(now_utc_us / G_USEC_PER_SEC);
    g_date_time_get_ymd(now, &ret->year, &ret->month, &ret->day);
}

static bool read_parts(const char *text, int64_t now_utc_us, struct parts *ret) {
    bool only_time = has_form(text, "00:00") || has_form(text, "00:00:00");
    bool seconds = has_form(text, "0000-00-00 00:00:00") || has_form(text, "00:00:00");
    bool date_and_time = has_form(text, "0000-00-00 00:00") || (seconds && !only_time);
    *ret = (struct parts){0};
    if (only_time) {
        read_today(now_utc_us, ret);
        read_time(text, seconds, ret);
    } else if (date_and_time) {
        read_date(text, ret);
        read_time(text + 11, seconds, ret);
    } else if (has_form(text, "0000-00-00")) {
        read_date(text, ret);
    } else {
        return false;
    }
    return true;
}

bool dm_parse_when(const char *text, int64_t now_utc_us, int64_t *ret_utc_us, GError **error) {
    struct parts parts;
    int64_t ago_us;
    if (read_parts(text, now_utc_us, &parts)) {
        g_autoptr(GDateTime) time = g_date_time_new_local(parts.year, parts.month, parts.day,
                                                          parts.hour, parts.minute, parts.second);
        if (time != NULL) {
            *ret_utc_us = g_date_time_to_unix(time) * G_USEC_PER_SEC;
            return true;
        }
    } else if (dm_parse_duration(text, &ago_us, NULL)) {
        *ret_utc_us = MAX(now_utc_us - ago_us, 1);
        return true;
    }
    return dm_fail(error, DM_ERROR_CONFIG,
                   "'%s' is no time, expected how long ago (2h, 3d), a date (2026-11-28), a date "
                   "and a time (2026-11-28 14:00), or a time of today (14:00)",
                   text);
}
