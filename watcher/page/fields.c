// SPDX-License-Identifier: MIT
#include "watcher/page/fields.h"

#include "watcher/page/guard.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

static void free_values(void *values) {
    g_ptr_array_unref(values);
}

GHashTable *dm_fields_new(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_values);
}

void dm_fields_add(GHashTable *fields, const char *name, char *value) {
    GPtrArray *values = g_hash_table_lookup(fields, name);
    if (values == NULL) {
        values = g_ptr_array_new_null_terminated(1, g_free, TRUE);
        g_hash_table_insert(fields, g_strdup(name), values);
    }
    g_ptr_array_add(values, value);
}

/** A text, a number, true or false as text; NULL: something deeper. */
static char *text_of(const json_t *value) {
    if (json_is_string(value)) {
        return g_strdup(json_string_value(value));
    }
    if (json_is_integer(value)) {
        return g_strdup_printf("%" G_GINT64_FORMAT, (gint64)json_integer_value(value));
    }
    if (json_is_boolean(value)) {
        return g_strdup(json_is_true(value) ? "true" : "false");
    }
    return NULL;
}

static void add_member(GHashTable *fields, const char *name, json_t *value) {
    size_t i;
    json_t *element;
    char *text = text_of(value);
    if (text != NULL) {
        dm_fields_add(fields, name, text);
    }
    json_array_foreach(value, i, element) {
        char *one = text_of(element);
        if (one != NULL) {
            dm_fields_add(fields, name, one);
        }
    }
}

static void read_json(GHashTable *fields, const char *text, size_t size) {
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        add_member(fields, name, value);
    }
    json_decref(object);
}

GHashTable *dm_fields_read(const char *content_type, GBytes *body) {
    GHashTable *fields = dm_fields_new();
    size_t size = 0;
    const char *text = body != NULL ? g_bytes_get_data(body, &size) : NULL;
    if (size == 0 || content_type == NULL) {
        return fields;
    }
    if (g_str_has_prefix(content_type, "application/json")) {
        read_json(fields, text, size);
    } else if (g_str_has_prefix(content_type, "application/x-www-form-urlencoded") &&
               !dm_guard_read_form(text, size, fields)) {
        g_hash_table_remove_all(fields);
    }
    return fields;
}
