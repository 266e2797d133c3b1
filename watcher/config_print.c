// SPDX-License-Identifier: MIT
//
// Printing the effective configuration as a file that is read back as the same.
#include "watcher/config.h"

#include "watcher/config_keys.h"

#include <stdlib.h>
#include <string.h>

static void print_text(GString *out, const char *text) {
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            g_string_append_c(out, '\\');
        }
        if ((unsigned char)*c < ' ' || *c == 127) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*c);
        } else {
            g_string_append_c(out, *c);
        }
    }
    g_string_append_c(out, '"');
}

static void print_texts(GString *out, const char *const *texts) {
    g_string_append(out, "[ ");
    for (size_t i = 0; texts[i] != NULL; i++) {
        g_string_append(out, i ? ", " : "");
        print_text(out, texts[i]);
    }
    g_string_append(out, texts[0] != NULL ? " ]" : "]");
}

/** The names in a map and what they mean, in one line. */
static void print_map(GString *out, GHashTable *map) {
    g_autofree const char **names = dm_key_map_names(map);
    g_string_append(out, "{ ");
    for (size_t i = 0; names[i] != NULL; i++) {
        g_string_append_printf(out, "%s = ", names[i]);
        print_text(out, g_hash_table_lookup(map, names[i]));
        g_string_append(out, "; ");
    }
    g_string_append_c(out, '}');
}

static const void *const_member(const struct dm_config *config, const struct dm_key *key) {
    return (const char *)config + key->offset;
}

static void print_value(GString *out, const struct dm_config *config, const struct dm_key *key) {
    const void *value = const_member(config, key);
    switch (key->type) {
    case DM_KEY_TEXT:
    case DM_KEY_PATH:
    case DM_KEY_COLOUR:
    case DM_KEY_PREFIX:
    case DM_KEY_QUIET_HOURS:
        print_text(out, *(char *const *)value);
        break;
    case DM_KEY_SECRET: // what is printed is shown to people and pasted into letters
        print_text(out, **(char *const *)value ? DM_SECRET_SHOWN : "");
        break;
    case DM_KEY_TEXTS:
    case DM_KEY_RULES:
    case DM_KEY_FOLDER_RULES:
        print_texts(out, *(const char *const *const *)value);
        break;
    case DM_KEY_TEXT_MAP:
    case DM_KEY_PATH_MAP:
        print_map(out, *(GHashTable *const *)value);
        break;
    case DM_KEY_BOOL:
        g_string_append(out, *(const bool *)value ? "true" : "false");
        break;
    case DM_KEY_INTEGER:
        g_string_append_printf(out, "%" G_GINT64_FORMAT, *(const int64_t *)value);
        break;
    case DM_KEY_DURATION:
    case DM_KEY_BYTES:
    case DM_KEY_PIXELS: {
        g_autofree char *text = dm_key_number_text(key, *(const int64_t *)value);
        print_text(out, text);
        break;
    }
    }
}

static char *value_text(const struct dm_config *config, const struct dm_key *key) {
    GString *text = g_string_new(NULL);
    print_value(text, config, key);
    return g_string_free(text, FALSE);
}

char *dm_config_print_changes(const struct dm_config *config) {
    struct dm_config *defaults = dm_config_defaults();
    GString *changes = g_string_new(NULL);
    for (size_t i = 0; i < dm_key_count; i++) {
        const struct dm_key *key = &dm_keys[i];
        g_autofree char *value = value_text(config, key);
        g_autofree char *plain = value_text(defaults, key);
        bool is_map = dm_key_is_map(key);
        if (strcmp(value, plain) != 0) {
            g_string_append_printf(changes, "%s%s%s%s", changes->len > 0 ? ", " : "", key->name,
                                   is_map ? "" : " = ", is_map ? "" : value);
        }
    }
    dm_config_free(defaults);
    return g_string_free(changes, FALSE);
}

/** End a line: where its value comes from. A line break in a path would end the comment. */
static void print_origin(GString *out, const struct dm_config *config, const char *name) {
    g_autofree char *origin = g_strdup(dm_config_origin(config, name));
    for (char *c = origin; *c; c++) {
        if ((unsigned char)*c < ' ') {
            *c = '?';
        }
    }
    g_string_append_printf(out, " # %s\n", origin);
}

/** All names that anybody has put into the map of @key, those that were taken out of it too. */
static GHashTable *named(const struct dm_config *config, const struct dm_key *key) {
    GHashTable *map = *(GHashTable *const *)const_member(config, key), *all;
    g_autofree char *prefix = g_strconcat(key->name, ".", NULL);
    GHashTableIter names;
    void *name;
    all = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_iter_init(&names, map);
    while (g_hash_table_iter_next(&names, &name, NULL)) {
        g_hash_table_add(all, name);
    }
    g_hash_table_iter_init(&names, config->origins);
    while (g_hash_table_iter_next(&names, &name, NULL)) {
        if (g_str_has_prefix(name, prefix)) {
            g_hash_table_add(all, (char *)name + strlen(prefix));
        }
    }
    return all;
}

/** A map, a line a name; "" takes a name out, so that what is read back is the same. */
static void print_names(GString *out, const struct dm_config *config, const struct dm_key *key) {
    GHashTable *map = *(GHashTable *const *)const_member(config, key);
    g_autoptr(GHashTable) all = named(config, key);
    g_autofree const char **names = dm_key_map_names(all);
    g_string_append_printf(out, "%s: {", key->name);
    print_origin(out, config, key->name);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *text = g_hash_table_lookup(map, names[i]);
        g_autofree char *name = g_strconcat(key->name, ".", names[i], NULL);
        g_string_append_printf(out, "    %s = ", names[i]);
        print_text(out, text != NULL ? text : "");
        g_string_append_c(out, ';');
        print_origin(out, config, name);
    }
    g_string_append(out, "};\n");
}

static void print_setting(GString *out, const struct dm_config *config, const struct dm_key *key) {
    const char *part = dm_key_last_part(key->name);
    if (dm_key_is_map(key)) {
        print_names(out, config, key);
        return;
    }
    g_string_append_printf(out, "%s%s = ", part > key->name ? "    " : "", part);
    print_value(out, config, key);
    g_string_append_c(out, ';');
    print_origin(out, config, key->name);
}

char *dm_config_print(const struct dm_config *config) {
    GString *out = g_string_new(NULL);
    g_autofree char *open = g_strdup(""); // the group that is being written
    for (size_t i = 0; i < dm_key_count; i++) {
        const char *part = dm_key_last_part(dm_keys[i].name);
        g_autofree char *group = g_strndup(
            dm_keys[i].name, part > dm_keys[i].name ? (size_t)(part - dm_keys[i].name - 1) : 0);
        if (strcmp(group, open) != 0) {
            g_string_append(out, *open ? "};\n" : "");
            if (*group) {
                g_string_append_printf(out, "%s: {\n", group);
            }
            g_free(open);
            open = g_strdup(group);
        }
        print_setting(out, config, &dm_keys[i]);
    }
    g_string_append(out, *open ? "};\n" : "");
    return g_string_free(out, FALSE);
}
