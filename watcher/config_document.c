// SPDX-License-Identifier: MIT
//
// See config_document.h. What a value may be: config_value.c.
#include "watcher/config_document.h"

#include "common/error.h"
#include "watcher/config_keys.h"
#include "watcher/config_value.h"

#include <errno.h>
#include <libconfig.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// libconfig does not say more.
#define SYNTAX_HINT                                                                                \
    " (texts, durations and sizes stand in quotes: \"5s\"; each setting ends with a semicolon)"

/** What reading one file needs: where values go, and the mistakes so far. */
struct reader {
    struct dm_config *config;
    const char *path;
    // Of char *.
    GPtrArray *mistakes;
};

// ---- mistakes

/** "FILE:LINE"; (transfer full). */
static char *origin_of(const struct reader *reader, const config_setting_t *setting) {
    const char *file = config_setting_source_file(setting);
    return g_strdup_printf("%s:%u", file != NULL ? file : reader->path,
                           (unsigned)config_setting_source_line(setting));
}

static void G_GNUC_PRINTF(3, 4)
    add_mistake(struct reader *reader, const config_setting_t *setting, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *origin = origin_of(reader, setting);
    g_ptr_array_add(reader->mistakes, g_strdup_printf("%s: %s", origin, message));
}

static void add_unknown(struct reader *reader, const config_setting_t *setting, const char *name) {
    const char *near = dm_key_nearest(name);
    if (near != NULL) {
        add_mistake(reader, setting, "unknown key '%s'; did you mean '%s'?", name, near);
    } else {
        add_mistake(reader, setting, "unknown key '%s'", name);
    }
}

// ---- settings

/** A secret is nobody's but its owner's. */
static void check_secret(struct reader *reader, const config_setting_t *setting,
                         const struct dm_key *key) {
    const char *file = config_setting_source_file(setting);
    struct stat status;
    if (key->type == DM_KEY_SECRET && **(char **)dm_config_member(reader->config, key) != '\0' &&
        stat(file != NULL ? file : reader->path, &status) == 0 && (status.st_mode & 077) != 0) {
        add_mistake(reader, setting,
                    "%s: others can read this file, and it has a secret: chmod 600 it, or take the "
                    "secret out",
                    key->name);
    }
}

/** Let @setting be where @name comes from. */
static void remember_origin(struct reader *reader, const config_setting_t *setting,
                            const char *name) {
    g_hash_table_replace(reader->config->origins, g_strdup(name), origin_of(reader, setting));
}

/** A map grows: @item is added to what earlier files have put there. */
static void read_item(struct reader *reader, const config_setting_t *item,
                      const struct dm_key *key) {
    const char *item_name = config_setting_name(item);
    g_autofree char *name = g_strconcat(key->name, ".", item_name, NULL);
    g_autoptr(GError) error = NULL;
    remember_origin(reader, item, name);
    if (!dm_config_value_add(reader->config, key, item_name, config_setting_get_string(item),
                             &error)) {
        add_mistake(reader, item, "%s: %s", name, error->message);
    }
}

static bool read_value(struct reader *reader, const config_setting_t *setting,
                       const struct dm_key *key, GError **error) {
    if (!dm_key_is_map(key)) {
        return dm_config_value_set(reader->config, key, setting, error);
    }
    if (!dm_config_value_fits(key, setting, error)) {
        return false;
    }
    for (int i = 0; i < config_setting_length(setting); i++) {
        read_item(reader, config_setting_get_elem(setting, (unsigned)i), key);
    }
    return true;
}

static void read_setting(struct reader *reader, const config_setting_t *setting, const char *name) {
    const struct dm_key *key = dm_key_find(name);
    if (key == NULL) {
        add_unknown(reader, setting, name);
        return;
    }
    g_autoptr(GError) error = NULL;
    remember_origin(reader, setting, name);
    if (read_value(reader, setting, key, &error)) {
        check_secret(reader, setting, key);
    } else {
        add_mistake(reader, setting, "%s: %s", name, error->message);
    }
}

static void read_group(struct reader *reader, const config_setting_t *group,
                       const char *group_name) {
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        g_autofree char *name =
            g_strconcat(group_name, *group_name ? "." : "", config_setting_name(setting), NULL);
        if (!dm_key_is_group(name)) {
            read_setting(reader, setting, name);
        } else if (config_setting_is_group(setting)) {
            read_group(reader, setting, name);
        } else {
            add_mistake(reader, setting, "%s: has the wrong type, expected a group { ... }", name);
        }
    }
}

// ---- recipes

/** Why @setting is no recipe; NULL: it is one, whatever its text says. (transfer full) */
static char *objection(const config_setting_t *setting) {
    const char *name = config_setting_name(setting);
    if (strcmp(name, "recipes") == 0 && config_setting_is_group(setting)) {
        return g_strdup("'recipes': no group is wanted here, expected its lines alone, such as "
                        "web-small = \"resize-800\";");
    }
    bool is_text = config_setting_type(setting) == CONFIG_TYPE_STRING;
    if (dm_key_find(name) != NULL || (!is_text && dm_key_is_group(name))) {
        return g_strdup_printf("'%s' is a setting, expected in dropmill.conf or conf.d/NAME.conf: "
                               "here are recipes alone",
                               name);
    }
    const char *near = strchr(name, '_') != NULL || !is_text ? dm_key_nearest(name) : NULL;
    if (near != NULL) {
        return g_strdup_printf("'%s' is no recipe; did you mean the setting '%s'? It belongs into "
                               "dropmill.conf or conf.d/NAME.conf",
                               name, near);
    }
    return is_text ? NULL
                   : g_strdup_printf("'%s' is no recipe, expected a chain in quotes such as "
                                     "\"resize-800_jpeg-82\"",
                                     name);
}

static void read_recipes(struct reader *reader, const config_setting_t *root) {
    const struct dm_key *key = dm_key_find("recipes");
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        g_autofree char *why = objection(setting);
        if (why != NULL) {
            add_mistake(reader, setting, "%s", why);
        } else {
            read_item(reader, setting, key);
        }
    }
}

// ---- files

/**
 * libconfig puts its include directory before any path, absolute ones too. So that directory is the
 * root, and paths are made absolute here: by the directory of the file that includes.
 */
static char *anchor_includes(const char *text, const char *path) {
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *real = g_canonicalize_filename(directory, NULL);
    g_auto(GStrv) parts = g_strsplit(real, "\\", -1);
    g_autofree char *escaped = g_strjoinv("\\\\", parts); // a backslash means something there
    g_autofree char *replacement = g_strdup_printf("\\1%s/", escaped);
    g_autoptr(GRegex) relative =
        g_regex_new("^(\\s*@include\\s+\")(?!/)", G_REGEX_MULTILINE, 0, NULL);
    return g_regex_replace(relative, text, -1, 0, replacement, 0, NULL);
}

/** The file as text; (transfer full). */
static char *read_text(const char *path, GError **error) {
    g_autofree char *text = NULL;
    struct stat status;
    int errnum = stat(path, &status) != 0  ? errno
                 : access(path, R_OK) != 0 ? errno
                 : S_ISDIR(status.st_mode) ? EISDIR
                                           : 0;
    if (errnum != 0 || !g_file_get_contents(path, &text, NULL, NULL)) {
        dm_fail(error, DM_ERROR_CONFIG, "%s: cannot be read: %s", path,
                g_strerror(errnum != 0 ? errnum : EIO));
        return NULL;
    }
    return anchor_includes(text, path);
}

/** Parse @path and let @read have what it says. */
static void read_file(struct reader *reader,
                      void (*read)(struct reader *reader, const config_setting_t *root)) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = read_text(reader->path, &error);
    if (text == NULL) {
        g_assert(error != NULL);
        g_ptr_array_add(reader->mistakes, g_strdup(error->message));
        return;
    }
    config_t document;
    config_init(&document);
    config_set_include_dir(&document, "/");
    if (config_read_string(&document, text) == CONFIG_TRUE) {
        read(reader, config_root_setting(&document));
    } else {
        const char *file = config_error_file(&document);
        const char *why = config_error_text(&document);
        bool is_syntax = strcmp(why, "syntax error") == 0;
        g_ptr_array_add(reader->mistakes,
                        g_strdup_printf("%s:%d: %s%s", file != NULL ? file : reader->path,
                                        config_error_line(&document), why,
                                        is_syntax ? SYNTAX_HINT : ""));
    }
    config_destroy(&document);
}

static void read_root(struct reader *reader, const config_setting_t *root) {
    read_group(reader, root, "");
}

void dm_config_document_read(struct dm_config *config, const char *path, GPtrArray *mistakes) {
    struct reader reader = {config, path, mistakes};
    read_file(&reader, read_root);
}

void dm_config_document_read_recipes(struct dm_config *config, const char *path,
                                     GPtrArray *mistakes) {
    struct reader reader = {config, path, mistakes};
    read_file(&reader, read_recipes);
}
