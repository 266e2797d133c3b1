// SPDX-License-Identifier: MIT
#include "watcher/store/json_fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 16

static bool skip_value(const char **at, int depth, GString *text);

static void skip_blanks(const char **at) {
    *at += strspn(*at, " \t\r\n");
}

/** Take @c, and blanks after it. */
static bool take(const char **at, char c) {
    if (**at != c)
        return false;
    ++*at;
    skip_blanks(at);
    return true;
}

/** "XXXX" of "\uXXXX". */
static bool take_unit(const char **at, gunichar *ret) {
    *ret = 0;
    for (int i = 0; i < 4; i++, ++*at) {
        int digit = g_ascii_xdigit_value(**at);
        if (digit < 0)
            return false;
        *ret = *ret * 16 + (gunichar)digit;
    }
    return true;
}

/** "\uXXXX", of which the 'u' was taken, or a pair of them. A half without its other is kept as a
 * question mark. */
static bool take_unicode(const char **at, GString *text) {
    gunichar code, low;
    if (!take_unit(at, &code))
        return false;
    const char *behind = *at + 2;
    if (code >= 0xD800 && code < 0xDC00 && strncmp(*at, "\\u", 2) == 0 &&
        take_unit(&behind, &low) && low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        *at = behind;
    }
    g_string_append_unichar(text, code != 0 && g_unichar_validate(code) ? code : '?');
    return true;
}

static bool take_escape(const char **at, GString *text) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = *(*at)++;
    if (letter == 'u')
        return take_unicode(at, text);
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    if (found == NULL)
        return false;
    g_string_append_c(text, meanings[found - letters]);
    return true;
}

static bool take_string(const char **at, GString *text) {
    g_string_truncate(text, 0);
    if (**at != '"')
        return false;
    for (++*at; **at != '"';) {
        char c = *(*at)++;
        if (c == '\0' || (c == '\\' && !take_escape(at, text)))
            return false;
        if (c != '\\')
            g_string_append_c(text, c);
    }
    return take(at, '"');
}

/** An array or object, of which nothing is kept. */
static bool skip_many(const char **at, int depth, GString *text) {
    bool is_object = **at == '{';
    char end = is_object ? '}' : ']';
    ++*at;
    skip_blanks(at);
    if (take(at, end))
        return true;
    do {
        if (is_object && (!take_string(at, text) || !take(at, ':')))
            return false;
        if (!skip_value(at, depth + 1, text))
            return false;
    } while (take(at, ','));
    g_string_truncate(text, 0);
    return take(at, end);
}

/** Any value; @text: what it says, if it is a string or a plain word. */
static bool skip_value(const char **at, int depth, GString *text) {
    if (depth > MAX_DEPTH)
        return false;
    if (**at == '"')
        return take_string(at, text);
    if (**at == '{' || **at == '[')
        return skip_many(at, depth, text);
    size_t length = strcspn(*at, " \t\r\n,]}");
    g_string_truncate(text, 0);
    g_string_append_len(text, *at, (gssize)length);
    *at += length;
    skip_blanks(at);
    return length > 0;
}

/** What a member is for who asked. */
struct taker {
    // (nullable) All texts go here, by name.
    GHashTable *fields;
    // (nullable) The strings of the array of this name.
    const char *array;
    GPtrArray *texts;
    // (nullable) Or its objects, each as the fields of its own.
    GPtrArray *objects;
};

static bool take_members(const char **at, const struct taker *taker, GString *text);

static GHashTable *new_fields(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static bool take_one_object(const char **at, GPtrArray *objects, GString *text) {
    GHashTable *fields = new_fields();
    const struct taker taker = {.fields = fields};
    g_ptr_array_add(objects, fields);
    return take_members(at, &taker, text);
}

static bool take_text(const char **at, GPtrArray *texts, GString *text) {
    if (!take_string(at, text))
        return false;
    g_ptr_array_add(texts, g_strdup(text->str));
    return true;
}

static bool take_array(const char **at, const struct taker *taker, GString *text) {
    GPtrArray *all = taker->objects != NULL ? taker->objects : taker->texts;
    g_ptr_array_set_size(all, 0);
    ++*at;
    skip_blanks(at);
    if (take(at, ']'))
        return true;
    do {
        if (!(taker->objects != NULL ? take_one_object : take_text)(at, all, text))
            return false;
    } while (take(at, ','));
    return take(at, ']');
}

static bool take_member(const char **at, const struct taker *taker, GString *text) {
    if (!take_string(at, text))
        return false;
    g_autofree char *name = g_strdup(text->str);
    if (!take(at, ':'))
        return false;
    if (taker->array != NULL && strcmp(name, taker->array) == 0 && **at == '[')
        return take_array(at, taker, text);
    if (!skip_value(at, 1, text))
        return false;
    if (taker->fields != NULL && strcmp(text->str, "null") != 0)
        g_hash_table_insert(taker->fields, g_steal_pointer(&name), g_strdup(text->str));
    return true;
}

static bool take_members(const char **at, const struct taker *taker, GString *text) {
    if (!take(at, '{'))
        return false;
    if (take(at, '}'))
        return true;
    do {
        if (!take_member(at, taker, text))
            return false;
    } while (take(at, ','));
    return take(at, '}');
}

static bool take_object(const char *text, const struct taker *taker) {
    g_autoptr(GString) scratch = g_string_new(NULL);
    skip_blanks(&text);
    return take_members(&text, taker, scratch) && *text == '\0';
}

GHashTable *dm_json_fields(const char *text) {
    g_autoptr(GHashTable) fields = new_fields();
    const struct taker taker = {.fields = fields};
    return take_object(text, &taker) ? g_steal_pointer(&fields) : NULL;
}

char **dm_json_texts(const char *text, const char *name) {
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    const struct taker taker = {.array = name, .texts = texts};
    if (!take_object(text, &taker))
        return NULL;
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_steal(texts, NULL);
}

static void free_fields(void *fields) {
    g_hash_table_unref(fields);
}

GPtrArray *dm_json_objects(const char *text, const char *name) {
    g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(free_fields);
    const struct taker taker = {.array = name, .objects = objects};
    return take_object(text, &taker) ? g_steal_pointer(&objects) : NULL;
}
