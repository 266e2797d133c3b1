// SPDX-License-Identifier: MIT
#include "watcher/page/download.h"

#include <glib.h>
#include <string.h>

/** Visible ASCII, but for what ends a quoted string, and what file systems elsewhere mind. */
static bool is_plain(char c) {
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x7f && strchr("\"\\/%", c) == NULL;
}

char *dm_download_disposition(const char *name) {
    g_autoptr(GString) ascii = g_string_new(NULL);
    for (const char *c = name; *c != '\0'; c = g_utf8_next_char(c)) {
        g_string_append_c(ascii, is_plain(*c) ? *c : '_');
    }
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    return g_strdup_printf("attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii->str, escaped);
}

bool dm_download_names_tag(const char *header, const char *tag) {
    g_auto(GStrv) tags = g_strsplit(header, ",", -1);
    for (char **one = tags; *one != NULL; one++) {
        g_strstrip(*one);
        const char *strong = g_str_has_prefix(*one, "W/") ? *one + 2 : *one;
        if (strcmp(strong, "*") == 0 || strcmp(strong, tag) == 0) {
            return true;
        }
    }
    return false;
}

/** A number of digits only; "" is none. */
static bool read_number(const char *text, size_t length, int64_t *ret) {
    g_autofree char *copy = g_strndup(text, length);
    guint64 number;
    if (!g_ascii_string_to_unsigned(copy, 10, 0, INT64_MAX, &number, NULL)) {
        return false;
    }
    *ret = (int64_t)number;
    return true;
}

static enum dm_range part(int64_t bytes, int64_t from, int64_t to, int64_t *ret_from,
                          int64_t *ret_count) {
    if (from >= bytes) {
        return DM_RANGE_BEYOND;
    }
    *ret_from = from;
    *ret_count = MIN(to, bytes - 1) - from + 1;
    return DM_RANGE_PART;
}

enum dm_range dm_download_range(const char *header, int64_t bytes, int64_t *ret_from,
                                int64_t *ret_count) {
    static const char unit[] = "bytes=";
    const char *text = header != NULL ? header : "";
    if (g_ascii_strncasecmp(text, unit, strlen(unit)) != 0) {
        return DM_RANGE_WHOLE;
    }
    text += strlen(unit);
    const char *dash = strchr(text, '-');
    int64_t from, to = INT64_MAX;
    if (dash == NULL || (dash[1] != '\0' && !read_number(dash + 1, strlen(dash + 1), &to))) {
        return DM_RANGE_WHOLE;
    }
    if (dash == text) { // the last so many
        if (dash[1] == '\0') {
            return DM_RANGE_WHOLE;
        }
        return to == 0 ? DM_RANGE_BEYOND
                       : part(bytes, MAX(bytes - to, 0), INT64_MAX, ret_from, ret_count);
    }
    if (!read_number(text, (size_t)(dash - text), &from) || to < from) {
        return DM_RANGE_WHOLE;
    }
    return part(bytes, from, to, ret_from, ret_count);
}
