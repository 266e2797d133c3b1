// SPDX-License-Identifier: MIT
//
// Escaping: see escape.h.
#include "common/escape.h"

void dm_escape_append(GString *line, const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p > 0x20 && *p < 0x7f && *p != '\\') {
            g_string_append_c(line, (char)*p);
        } else if (*p == ' ') {
            g_string_append_c(line, ' ');
        } else {
            g_string_append_printf(line, "\\x%02x", *p);
        }
    }
}

char *dm_escape(const char *text) {
    GString *escaped = g_string_new(NULL);
    dm_escape_append(escaped, text);
    return g_string_free(escaped, FALSE);
}

char *dm_unescape(const char *text, size_t length) {
    GString *plain = g_string_sized_new(length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\\') {
            g_string_append_c(plain, text[i]);
            continue;
        }
        bool whole = i + 3 < length && text[i + 1] == 'x';
        int high = whole ? g_ascii_xdigit_value(text[i + 2]) : -1;
        int low = high >= 0 ? g_ascii_xdigit_value(text[i + 3]) : -1;
        if (low < 0 || (high == 0 && low == 0)) {
            g_string_free(plain, TRUE);
            return NULL;
        }
        g_string_append_c(plain, (char)(high * 16 + low));
        i += 3;
    }
    return g_string_free(plain, FALSE);
}

bool dm_misleads(gunichar c) {
    static const struct {
        gunichar first, last;
    } turning[] = {
        {0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x2029}, {0x202a, 0x202e}, {0x2066, 0x2069}};
    for (size_t i = 0; i < G_N_ELEMENTS(turning); i++) {
        if (c >= turning[i].first && c <= turning[i].last) {
            return true;
        }
    }
    return g_unichar_iscntrl(c);
}

char *dm_escape_for_people(const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *shown = g_string_new(NULL);
    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!dm_misleads(c)) {
            g_string_append_unichar(shown, c);
        } else {
            g_string_append_printf(shown, c <= 0xff ? "\\x%02x" : "\\u%04x", (unsigned)c);
        }
    }
    return g_string_free(shown, FALSE);
}
