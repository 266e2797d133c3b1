// SPDX-License-Identifier: MIT
//
// Reading the configuration: defaults are text that goes through the same parser as what an
// administrator writes; every mistake in any file is reported at once. The only file that knows
// libconfig. The table of keys: config_keys.c. Printing: config_print.c. Units: units.c.
#include "watcher/config.h"

#include "common/chain.h"
#include "common/colour.h"
#include "common/error.h"
#include "common/suggest.h"
#include "watcher/config_files.h"
#include "watcher/config_folders.h"
#include "watcher/config_keys.h"
#include "watcher/quiet_hours.h"
#include "watcher/units.h"

#include <errno.h>
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** What reading one file needs: where values go, and the mistakes so far. */
struct reader {
    struct dm_config *config;
    const char *path;
    // Of char *.
    GPtrArray *mistakes;
};

static void *member(struct dm_config *config, const struct dm_key *key) {
    return (char *)config + key->offset;
}

static bool set_words(const struct dm_key *key, const char *text, GError **error) {
    g_auto(GStrv) words = g_strsplit(key->words, " ", -1);
    if (g_strv_contains((const char *const *)words, text)) {
        return true;
    }
    const char *near = dm_nearest(text, (const char *const *)words, g_strv_length(words));
    return dm_fail(error, DM_ERROR_CONFIG, "'%s' is not one of %s%s%s%s", text, key->words,
                   near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                   near != NULL ? "'?" : "");
}

static bool refuse_colour(const char *text, GError **error) {
    g_autofree char *names = dm_colour_names();
    g_auto(GStrv) words = g_strsplit(names, ", ", -1);
    const char *near = dm_nearest(text, (const char *const *)words, g_strv_length(words));
    return dm_fail(error, DM_ERROR_CONFIG,
                   "'%s' is no colour, expected six digits such as f0f0f0, or one of %s%s%s%s",
                   text, names, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                   near != NULL ? "'?" : "");
}

static bool set_text(struct dm_config *config, const struct dm_key *key,
                     const config_setting_t *setting, GError **error) {
    const char *text = config_setting_get_string(setting);
    if (key->type == DM_KEY_PATH && *text && !g_path_is_absolute(text)) {
        return dm_fail(error, DM_ERROR_CONFIG, "'%s' is not an absolute path", text);
    }
    struct dm_colour colour;
    if (key->type == DM_KEY_COLOUR && !dm_colour_from_hex(text, &colour) &&
        !dm_colour_from_name(text, &colour)) {
        return refuse_colour(text, error);
    }
    if (key->words != NULL && !set_words(key, text, error)) {
        return false;
    }
    char **target = member(config, key);
    g_free(*target);
    *target = g_strdup(text);
    return true;
}

static bool set_quiet_hours(struct dm_config *config, const struct dm_key *key,
                            const config_setting_t *setting, GError **error) {
    struct dm_quiet_hours *hours = dm_quiet_hours_parse(config_setting_get_string(setting), error);
    bool good = hours != NULL && set_text(config, key, setting, error);
    dm_quiet_hours_free(hours);
    return good;
}

static bool set_texts(struct dm_config *config, const struct dm_key *key,
                      const config_setting_t *setting, GError **error) {
    int length = config_setting_length(setting);
    g_auto(GStrv) texts = g_new0(char *, (size_t)length + 1);
    for (int i = 0; i < length; i++) {
        const char *text = config_setting_get_string_elem(setting, i);
        if (text == NULL) {
            return dm_fail(error, DM_ERROR_CONFIG, "item %d is not a text in quotes", i + 1);
        }
        texts[i] = g_strdup(text);
    }
    char ***target = member(config, key);
    g_strfreev(*target);
    *target = g_steal_pointer(&texts);
    return true;
}

/** What would make a key no path is refused. */
static bool set_prefix(struct dm_config *config, const struct dm_key *key,
                       const config_setting_t *setting, GError **error) {
    const char *prefix = config_setting_get_string(setting);
    if (*prefix == '/' || strstr(prefix, "//") != NULL || !g_utf8_validate(prefix, -1, NULL)) {
        return dm_fail(
            error, DM_ERROR_CONFIG,
            "'%s' begins with a slash or has two in a row, expected such as \"results/\"", prefix);
    }
    return set_text(config, key, setting, error);
}

/** A rule without a value, or without its glob, was probably meant otherwise. */
static bool set_rules(struct dm_config *config, const struct dm_key *key,
                      const config_setting_t *setting, GError **error) {
    for (int i = 0; i < config_setting_length(setting); i++) {
        const char *rule = config_setting_get_string_elem(setting, i);
        const char *colon = rule != NULL ? strstr(rule, ": ") : NULL;
        if (rule != NULL && (colon == NULL || colon == rule)) {
            return dm_fail(error, DM_ERROR_CONFIG, "'%s' is no rule, expected \"GLOB: VALUE\"",
                           rule);
        }
    }
    return set_texts(config, key, setting, error);
}

/** What the rules say of their keys is looked at here, and taken when all keys are read. */
static bool set_folder_rules(struct dm_config *config, const struct dm_key *key,
                             const config_setting_t *setting, GError **error) {
    if (!set_rules(config, key, setting, error)) {
        return false;
    }
    g_autoptr(GPtrArray) waits = dm_config_folder_waits(config, error);
    return waits != NULL;
}

static bool set_text_map(struct dm_config *config, const struct dm_key *key,
                         const config_setting_t *setting, GError **error) {
    g_autoptr(GHashTable) map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        const char *text = config_setting_get_string(item);
        if (text == NULL) {
            return dm_fail(error, DM_ERROR_CONFIG, "'%s' is not a text in quotes",
                           config_setting_name(item));
        }
        if (key->type == DM_KEY_PATH_MAP && !g_path_is_absolute(text)) {
            return dm_fail(error, DM_ERROR_CONFIG, "%s: '%s' is not an absolute path",
                           config_setting_name(item), text);
        }
        g_hash_table_replace(map, g_strdup(config_setting_name(item)), g_strdup(text));
    }
    GHashTable **target = member(config, key);
    g_clear_pointer(target, g_hash_table_unref);
    *target = g_steal_pointer(&map);
    return true;
}

static bool set_number(struct dm_config *config, const struct dm_key *key, int64_t value,
                       GError **error) {
    if (!dm_key_check_number(key, value, error)) {
        return false;
    }
    int64_t *target = member(config, key);
    *target = value;
    return true;
}

static bool set_integer(struct dm_config *config, const struct dm_key *key,
                        const config_setting_t *setting, GError **error) {
    return set_number(config, key, config_setting_get_int64(setting), error);
}

static bool set_bool(struct dm_config *config, const struct dm_key *key,
                     const config_setting_t *setting, GError **error) {
    (void)error;
    bool *target = member(config, key);
    *target = config_setting_get_bool(setting) != 0;
    return true;
}

typedef bool (*parse_fn)(const char *text, int64_t *ret, GError **error);

static parse_fn parser_of(const struct dm_key *key) {
    if (key->type == DM_KEY_DURATION) {
        return key->max == DM_DURATION_FOREVER ? dm_parse_endless_duration : dm_parse_duration;
    }
    return key->type == DM_KEY_BYTES ? dm_parse_bytes : dm_parse_pixels;
}

static bool set_quantity(struct dm_config *config, const struct dm_key *key,
                         const config_setting_t *setting, GError **error) {
    const char *text = config_setting_get_string(setting);
    int64_t value = 0;
    if (key->words != NULL && strcmp(text, key->words) == 0) {
        int64_t *target = member(config, key);
        *target = DM_DURATION_WORD;
        return true;
    }
    return parser_of(key)(text, &value, error) && set_number(config, key, value, error);
}

#define IS(type) (1u << CONFIG_TYPE_##type)

/** How each type of key stands in the file, and who stores it. */
static const struct {
    // Bits 1u << CONFIG_TYPE_x.
    unsigned accepts;
    const char *expected;
    bool (*set)(struct dm_config *config, const struct dm_key *key, const config_setting_t *setting,
                GError **error);
} types[] = {
    [DM_KEY_TEXT] = {IS(STRING), "a text in quotes", set_text},
    [DM_KEY_PATH] = {IS(STRING), "a path in quotes", set_text},
    [DM_KEY_TEXTS] = {IS(ARRAY) | IS(LIST), "a list of texts such as [ \"a\", \"b\" ]", set_texts},
    [DM_KEY_TEXT_MAP] = {IS(GROUP), "a group of texts such as { a = \"b\"; }", set_text_map},
    [DM_KEY_PATH_MAP] = {IS(GROUP), "a group of paths such as { a = \"/b\"; }", set_text_map},
    [DM_KEY_COLOUR] = {IS(STRING), "a colour in quotes such as \"white\"", set_text},
    [DM_KEY_QUIET_HOURS] = {IS(STRING), "times in quotes such as \"Mon-Fri 08:00-18:00\"",
                            set_quiet_hours},
    [DM_KEY_SECRET] = {IS(STRING), "a text in quotes", set_text},
    [DM_KEY_PREFIX] = {IS(STRING), "a text in quotes such as \"results/\"", set_prefix},
    [DM_KEY_RULES] = {IS(ARRAY) | IS(LIST), "a list of rules such as [ \"a/*: b\", \"*: c\" ]",
                      set_rules},
    [DM_KEY_FOLDER_RULES] = {IS(ARRAY) | IS(LIST),
                             "a list of rules such as [ \"scans*: settle_closed=10s\" ]",
                             set_folder_rules},
    [DM_KEY_INTEGER] = {IS(INT) | IS(INT64), "a whole number without quotes", set_integer},
    [DM_KEY_BOOL] = {IS(BOOL), "true or false", set_bool},
    [DM_KEY_DURATION] = {IS(STRING), "a duration in quotes such as \"90s\"", set_quantity},
    [DM_KEY_BYTES] = {IS(STRING), "a size in quotes such as \"200MB\"", set_quantity},
    [DM_KEY_PIXELS] = {IS(STRING), "a number of pixels in quotes such as \"250MP\"", set_quantity},
};

static bool set_value(struct dm_config *config, const struct dm_key *key,
                      const config_setting_t *setting, GError **error) {
    if (!(types[key->type].accepts & (1u << config_setting_type(setting)))) {
        return dm_fail(error, DM_ERROR_CONFIG, "has the wrong type, expected %s",
                       types[key->type].expected);
    }
    return types[key->type].set(config, key, setting, error);
}

/** "FILE:LINE"; (transfer full). */
static char *origin_of(const struct reader *reader, const config_setting_t *setting) {
    const char *file = config_setting_source_file(setting);
    return g_strdup_printf("%s:%u", file != NULL ? file : reader->path,
                           (unsigned)config_setting_source_line(setting));
}

/** Remember where @name was written, and what is in it if that is a map. */
static void remember_origin(struct reader *reader, const config_setting_t *setting,
                            const char *name) {
    g_hash_table_replace(reader->config->origins, g_strdup(name), origin_of(reader, setting));
    for (int i = 0; config_setting_is_group(setting) && i < config_setting_length(setting); i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        g_hash_table_replace(reader->config->origins,
                             g_strconcat(name, ".", config_setting_name(item), NULL),
                             origin_of(reader, item));
    }
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

static void read_setting(struct reader *reader, const config_setting_t *setting, const char *name) {
    const struct dm_key *key = dm_key_find(name);
    if (key == NULL) {
        add_unknown(reader, setting, name);
        return;
    }
    g_autoptr(GError) error = NULL;
    remember_origin(reader, setting, name);
    if (!set_value(reader->config, key, setting, &error)) {
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

static void read_document(struct reader *reader, const config_t *document, bool parsed) {
    if (parsed) {
        read_group(reader, config_root_setting(document), "");
        return;
    }
    const char *file = config_error_file(document);
    g_ptr_array_add(reader->mistakes,
                    g_strdup_printf("%s:%d: %s (texts, durations and sizes stand in quotes: "
                                    "\"5s\"; each setting ends with a semicolon)",
                                    file != NULL ? file : reader->path, config_error_line(document),
                                    config_error_text(document)));
}

/** A file with a secret is nobody's but its owner's. */
static void check_secrets(struct reader *reader) {
    struct stat status;
    for (size_t i = 0; i < dm_key_count; i++) {
        const struct dm_key *key = &dm_keys[i];
        if (key->type == DM_KEY_SECRET && **(char **)member(reader->config, key) != '\0' &&
            stat(reader->path, &status) == 0 && (status.st_mode & 077) != 0) {
            g_ptr_array_add(reader->mistakes,
                            g_strdup_printf("%s: others can read it, and it has a secret (%s): "
                                            "chmod 600 it, or take the secret out",
                                            reader->path, key->name));
        }
    }
}

/** What is put into the bucket must not be found there as input. */
static void check_s3_inbox(struct reader *reader) {
    const struct dm_config *config = reader->config;
    const char *inputs = config->s3_inbox.prefix, *results = config->mirror.prefix;
    char *mistake = NULL;
    g_assert(inputs != NULL && results != NULL); // defaults were read
    if (*inputs == '\0') {
        return;
    }
    if (*config->store.bucket == '\0' && *config->store.directory == '\0') {
        mistake = g_strdup_printf("s3_inbox.prefix: '%s' is of no bucket, expected s3.bucket or "
                                  "s3.directory, too",
                                  inputs);
    } else if (!g_str_has_suffix(inputs, "/") || *inputs == '.') {
        mistake = g_strdup_printf("s3_inbox.prefix: '%s' is not the name of a folder, expected one "
                                  "that ends in a slash, such as \"inbox/\"",
                                  inputs);
    } else if (g_str_has_prefix(inputs, results) || g_str_has_prefix(results, inputs)) {
        mistake = g_strdup_printf("s3_inbox.prefix: '%s' and s3.prefix '%s' lie in each other, so "
                                  "that results would be taken for inputs, expected two of their "
                                  "own, such as \"inbox/\" and \"results/\"",
                                  inputs, results);
    }
    if (mistake != NULL) {
        g_ptr_array_add(reader->mistakes, g_strdup_printf("%s: %s", reader->path, mistake));
        g_free(mistake);
    }
}

/** Let @path say what it says. */
static void read_file(struct reader *reader, const char *path) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = read_text(path, &error);
    reader->path = path;
    if (text == NULL) {
        g_assert(error != NULL);
        g_ptr_array_add(reader->mistakes, g_strdup(error->message));
        return;
    }
    config_t document;
    config_init(&document);
    config_set_include_dir(&document, "/");
    read_document(reader, &document, config_read_string(&document, text) == CONFIG_TRUE);
    config_destroy(&document);
    check_secrets(reader);
}

/** Read @files, one after the other; all mistakes in all of them. */
static void read_files(struct dm_config *config, const char *const *files, GPtrArray *mistakes) {
    struct reader reader = {config, "", mistakes};
    for (size_t i = 0; files[i] != NULL; i++) {
        read_file(&reader, files[i]);
    }
    check_s3_inbox(&reader);
}

/** What the worker must know beyond its job's size; the same for a session and for a catalogue. */
static char **worker_args(const struct dm_config *config) {
    GPtrArray *args = g_ptr_array_new();
    if (!config->engine.limits.jail) {
        g_ptr_array_add(args, g_strdup("--no-jail"));
    }
    g_ptr_array_add(args, g_strdup_printf("--sandbox-pictures=%" PRId64,
                                          config->engine.limits.sandbox_pictures));
    g_ptr_array_add(args, g_strdup_printf("--background=%s", config->output.background));
    if (g_strcmp0(config->output.time, "source") == 0) {
        g_ptr_array_add(args, g_strdup("--source-time"));
    }
    g_autofree const char **names = dm_key_map_names(config->watermarks);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *path = g_hash_table_lookup(config->watermarks, names[i]);
        g_ptr_array_add(args, g_strdup_printf("--watermark=%s=%s", names[i], path));
    }
    g_ptr_array_add(args, NULL);
    return (char **)g_ptr_array_free(args, FALSE);
}

static void set_default(struct dm_config *config, const struct dm_key *key) {
    g_autofree char *text = g_strdup_printf("value = %s;", key->default_text);
    config_t document;
    config_init(&document);
    bool parsed = config_read_string(&document, text) == CONFIG_TRUE;
    g_assert(parsed);
    GError *error = NULL;
    set_value(config, key, config_lookup(&document, "value"), &error);
    g_assert_no_error(error);
    config_destroy(&document);
}

struct dm_config *dm_config_read(const char *path, GPtrArray *mistakes) {
    struct dm_config *config = g_new0(struct dm_config, 1);
    config->origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; i < dm_key_count; i++) {
        set_default(config, &dm_keys[i]);
    }
    g_auto(GStrv) files = dm_config_files(path);
    read_files(config, (const char *const *)files, mistakes);
    config->worker_args = worker_args(config);
    dm_config_complete_waits(&config->inbox.waits);
    config->inbox.folder_waits = dm_config_folder_waits(config, NULL);
    return config;
}

struct dm_config *dm_config_load(const char *path, GError **error) {
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    struct dm_config *config = dm_config_read(path, mistakes);
    if (mistakes->len == 0) {
        return config;
    }
    g_ptr_array_add(mistakes, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);
    dm_fail(error, DM_ERROR_CONFIG, "%s", all);
    dm_config_free(config);
    return NULL;
}

static void clear_value(struct dm_config *config, const struct dm_key *key) {
    void *value = member(config, key);
    if (dm_key_is_text(key)) {
        g_free(*(char **)value);
    } else if (dm_key_is_list(key)) {
        g_strfreev(*(char ***)value);
    } else if (key->type == DM_KEY_TEXT_MAP || key->type == DM_KEY_PATH_MAP) {
        g_clear_pointer((GHashTable **)value, g_hash_table_unref);
    }
}

void dm_config_free(struct dm_config *config) {
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < dm_key_count; i++) {
        clear_value(config, &dm_keys[i]);
    }
    g_strfreev(config->worker_args);
    g_clear_pointer(&config->origins, g_hash_table_unref);
    g_clear_pointer(&config->inbox.folder_waits, g_ptr_array_unref);
    g_free(config);
}

bool dm_config_is_for_everyone(const struct dm_config *config) {
    return strcmp(config->share_mode, "everyone") == 0;
}

void dm_config_set_umask(const struct dm_config *config) {
    umask(dm_config_is_for_everyone(config) ? 0002 : 0007);
}
