// SPDX-License-Identifier: MIT
//
// Writing JSON: see json.h.
#include "watcher/json.h"

#include "common/escape.h"
#include "common/wire.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct dm_json {
    GString *text;
    // One character for each thing that is open.
    GString *closers;
    // Nothing yet in what was opened last.
    bool empty;
    bool on_one_line;
};

struct dm_json *dm_json_new(void) {
    struct dm_json *json = g_new0(struct dm_json, 1);
    json->text = g_string_new(NULL);
    json->closers = g_string_new(NULL);
    json->empty = true;
    return json;
}

struct dm_json *dm_json_new_line(void) {
    struct dm_json *json = dm_json_new();
    json->on_one_line = true;
    return json;
}

static void new_line(struct dm_json *json) {
    if (json->on_one_line) {
        return;
    }
    g_string_append_c(json->text, '\n');
    for (size_t i = 0; i < json->closers->len; i++) {
        g_string_append(json->text, "  ");
    }
}

static void append_quoted(GString *out, const char *text) {
    static const char plain[] = "\b\f\n\r\t\"\\";
    static const char letter[] = "bfnrt\"\\";
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_string_append_c(out, '"');
    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        const char *found = strchr(plain, *p);
        if (found != NULL) {
            g_string_append_printf(out, "\\%c", letter[found - plain]);
        } else if (dm_misleads(c)) {
            g_string_append_printf(out, "\\u%04x", (unsigned)c);
        } else {
            g_string_append_unichar(out, c);
        }
    }
    g_string_append_c(out, '"');
}

static void begin_value(struct dm_json *json, const char *key) {
    if (!json->empty) {
        g_string_append(json->text, json->on_one_line ? ", " : ",");
    }
    if (json->closers->len) {
        new_line(json);
    }
    json->empty = false;
    if (key != NULL) {
        append_quoted(json->text, key);
        g_string_append(json->text, ": ");
    }
}

static void open_with(struct dm_json *json, const char *key, char opener, char closer) {
    begin_value(json, key);
    g_string_append_c(json->text, opener);
    g_string_append_c(json->closers, closer);
    json->empty = true;
}

void dm_json_object(struct dm_json *json, const char *key) {
    open_with(json, key, '{', '}');
}

void dm_json_list(struct dm_json *json, const char *key) {
    open_with(json, key, '[', ']');
}

void dm_json_close(struct dm_json *json) {
    g_assert(json->closers->len > 0);
    char closer = json->closers->str[json->closers->len - 1];
    g_string_truncate(json->closers, json->closers->len - 1);
    if (!json->empty) {
        new_line(json);
    }
    g_string_append_c(json->text, closer);
    json->empty = false;
}

void dm_json_text(struct dm_json *json, const char *key, const char *text) {
    begin_value(json, key);
    append_quoted(json->text, text);
}

void dm_json_integer(struct dm_json *json, const char *key, int64_t value) {
    begin_value(json, key);
    g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void dm_json_number(struct dm_json *json, const char *key, double value) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    begin_value(json, key);
    g_string_append(json->text, isfinite(value)
                                    ? g_ascii_formatd(buffer, sizeof(buffer), "%.12g", value)
                                    : "null");
}

void dm_json_bool(struct dm_json *json, const char *key, bool value) {
    begin_value(json, key);
    g_string_append(json->text, value ? "true" : "false");
}

void dm_json_path(struct dm_json *json, const char *path) {
    g_autofree char *escaped = dm_escape(path);
    dm_json_text(json, "path", path);
    dm_json_text(json, "path_escaped", escaped);
}

char *dm_json_end(struct dm_json *json) {
    g_assert(json->closers->len == 0);
    g_string_append_c(json->text, '\n');
    char *text = g_string_free(json->text, FALSE);
    g_string_free(json->closers, TRUE);
    g_free(json);
    return text;
}

static bool was_printed;

void dm_json_print(struct dm_json *json) {
    g_autofree char *text = dm_json_end(json);
    was_printed = true;
    fputs(text, stdout);
}

struct dm_json *dm_json_new_list(const char *key) {
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_list(json, key);
    return json;
}

void dm_json_finish(struct dm_json *json) {
    while (json->closers->len > 0) {
        dm_json_close(json);
    }
    dm_json_print(json);
}

bool dm_json_was_printed(void) {
    return was_printed;
}
