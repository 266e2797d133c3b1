// SPDX-License-Identifier: MIT
#include "watcher/page/html.h"

#include <stdarg.h>

void dm_html_format(GString *html, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(html, text);
}

char *dm_html_number(int64_t number) {
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%" G_GINT64_FORMAT, ABS(number));
    for (gssize at = (gssize)text->len - 3; at > 0; at -= 3) {
        g_string_insert_c(text, at, ',');
    }
    if (number < 0) {
        g_string_prepend_c(text, '-');
    }
    return g_string_free(text, FALSE);
}

char *dm_html_bytes(int64_t bytes) {
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB", NULL};
    double value = (double)bytes;
    unsigned unit = 0;
    while (value >= 999.5 && units[unit + 1] != NULL) {
        value /= 1000;
        unit++;
    }
    return g_strdup_printf(value < 9.95 && unit > 1 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static char *some(int64_t number, const char *unit) {
    return g_strdup_printf("%" G_GINT64_FORMAT " %s%s", number, unit, number == 1 ? "" : "s");
}

char *dm_html_duration(int64_t seconds) {
    if (seconds < 90) {
        return some(MAX(seconds, 1), "second");
    }
    if (seconds < 90 * 60) {
        return some((seconds + 30) / 60, "minute");
    }
    return seconds < 48 * 3600 ? some((seconds + 1800) / 3600, "hour")
                               : some((seconds + 43200) / 86400, "day");
}

char *dm_html_time(int64_t utc_us) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(utc_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    if (time == NULL) {
        return g_strdup("");
    }
    bool is_today = g_date_time_get_year(time) == g_date_time_get_year(now) &&
                    g_date_time_get_day_of_year(time) == g_date_time_get_day_of_year(now);
    return g_date_time_format(time, is_today ? "%H:%M" : "%-d %b, %H:%M");
}

char *dm_html_count(int64_t number, const char *one, const char *many) {
    g_autofree char *text = dm_html_number(number);
    return g_strdup_printf("%s %s", text, number == 1 ? one : many);
}
