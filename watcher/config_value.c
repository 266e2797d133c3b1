// SPDX-License-Identifier: MIT
//
// See config_value.h.
#include "watcher/config_value.h"

#include "common/colour.h"
#include "common/error.h"
#include "common/suggest.h"
#include "watcher/config_folders.h"
#include "watcher/quiet_hours.h"
#include "watcher/units.h"

#include <libconfig.h>
#include <string.h>

void *dm_config_member(struct dm_config *config, const struct dm_key *key) {
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
    if (key->type == DM_KEY_SECRET && strcmp(text, DM_SECRET_SHOWN) == 0) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'" DM_SECRET_SHOWN "' is what --print-config shows in place of the secret, "
                       "expected the secret itself");
    }
    struct dm_colour colour;
    if (key->type == DM_KEY_COLOUR && !dm_colour_from_hex(text, &colour) &&
        !dm_colour_from_name(text, &colour)) {
        return refuse_colour(text, error);
    }
    if (key->words != NULL && !set_words(key, text, error)) {
        return false;
    }
    char **target = dm_config_member(config, key);
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
    char ***target = dm_config_member(config, key);
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

bool dm_config_value_add(struct dm_config *config, const struct dm_key *key, const char *name,
                         const char *text, GError **error) {
    GHashTable *map = *(GHashTable **)dm_config_member(config, key);
    if (text == NULL) {
        return dm_fail(error, DM_ERROR_CONFIG, "is not a text in quotes");
    }
    if (*text == '\0') {
        g_hash_table_remove(map, name);
        return true;
    }
    if (key->type == DM_KEY_PATH_MAP && !g_path_is_absolute(text)) {
        return dm_fail(error, DM_ERROR_CONFIG, "'%s' is not an absolute path", text);
    }
    g_hash_table_replace(map, g_strdup(name), g_strdup(text));
    return true;
}

/** A map as a whole. */
static bool set_map(struct dm_config *config, const struct dm_key *key,
                    const config_setting_t *setting, GError **error) {
    GHashTable **target = dm_config_member(config, key);
    g_clear_pointer(target, g_hash_table_unref);
    *target = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        if (!dm_config_value_add(config, key, config_setting_name(item),
                                 config_setting_get_string(item), error)) {
            return false;
        }
    }
    return true;
}

static bool set_number(struct dm_config *config, const struct dm_key *key, int64_t value,
                       GError **error) {
    if (!dm_key_check_number(key, value, error)) {
        return false;
    }
    int64_t *target = dm_config_member(config, key);
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
    bool *target = dm_config_member(config, key);
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
        int64_t *target = dm_config_member(config, key);
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
    [DM_KEY_TEXT_MAP] = {IS(GROUP), "a group of texts such as { a = \"b\"; }", set_map},
    [DM_KEY_PATH_MAP] = {IS(GROUP), "a group of paths such as { a = \"/b\"; }", set_map},
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

bool dm_config_value_fits(const struct dm_key *key, const config_setting_t *setting,
                          GError **error) {
    return (types[key->type].accepts & (1u << config_setting_type(setting))) != 0 ||
           dm_fail(error, DM_ERROR_CONFIG, "has the wrong type, expected %s",
                   types[key->type].expected);
}

bool dm_config_value_set(struct dm_config *config, const struct dm_key *key,
                         const config_setting_t *setting, GError **error) {
    return dm_config_value_fits(key, setting, error) &&
           types[key->type].set(config, key, setting, error);
}

// ---- values that stand in no file

/** Put @text, in which nothing needs quotes, below @parent as the kind of setting that @key is. */
static const config_setting_t *add_text(config_setting_t *parent, const struct dm_key *key,
                                        const char *text, GError **error) {
    config_setting_t *setting = NULL;
    int64_t number = 0;
    if (key->type == DM_KEY_INTEGER) {
        if (!g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &number, NULL)) {
            dm_fail(error, DM_ERROR_CONFIG, "'%s' is not a whole number", text);
            return NULL;
        }
        setting = config_setting_add(parent, "value", CONFIG_TYPE_INT64);
        config_setting_set_int64(setting, number);
    } else if (dm_key_is_list(key)) {
        g_auto(GStrv) items = g_strsplit_set(text, " ,", -1);
        setting = config_setting_add(parent, "value", CONFIG_TYPE_ARRAY);
        for (char **item = items; *item != NULL; item++) {
            if (**item != '\0') {
                config_setting_set_string_elem(setting, -1, *item);
            }
        }
    } else {
        setting = config_setting_add(parent, "value", CONFIG_TYPE_STRING);
        config_setting_set_string(setting, text);
    }
    return setting;
}

bool dm_config_value_set_text(struct dm_config *config, const struct dm_key *key, const char *text,
                              GError **error) {
    config_t document;
    config_init(&document);
    const config_setting_t *setting = add_text(config_root_setting(&document), key, text, error);
    bool good = setting != NULL && dm_config_value_set(config, key, setting, error);
    config_destroy(&document);
    return good;
}

void dm_config_value_set_default(struct dm_config *config, const struct dm_key *key) {
    g_autofree char *text = g_strdup_printf("value = %s;", key->default_text);
    config_t document;
    config_init(&document);
    bool parsed = config_read_string(&document, text) == CONFIG_TRUE;
    g_assert(parsed);
    GError *error = NULL;
    dm_config_value_set(config, key, config_lookup(&document, "value"), &error);
    g_assert_no_error(error);
    config_destroy(&document);
}

void dm_config_value_clear(struct dm_config *config, const struct dm_key *key) {
    void *value = dm_config_member(config, key);
    if (dm_key_is_text(key)) {
        g_free(*(char **)value);
    } else if (dm_key_is_list(key)) {
        g_strfreev(*(char ***)value);
    } else if (dm_key_is_map(key)) {
        g_clear_pointer((GHashTable **)value, g_hash_table_unref);
    }
}
