// SPDX-License-Identifier: MIT
//
// See config_environment.h.
#include "watcher/config_environment.h"

#include "common/suggest.h"
#include "watcher/config_keys.h"
#include "watcher/config_value.h"

#include <string.h>

#define PREFIX "DROPMILL_"

// Variables of ours that are no settings.
static const char *const others[] = {"DROPMILL_TOKEN"};

/** The variables that say a setting; the array is the caller's: g_ptr_array_unref(). */
static GPtrArray *variables(void) {
    GPtrArray *names = g_ptr_array_new();
    for (size_t i = 0; i < dm_key_count; i++) {
        if (dm_keys[i].variable != NULL) {
            g_ptr_array_add(names, (char *)(uintptr_t)dm_keys[i].variable);
        }
    }
    return names;
}

static void read_variable(struct dm_config *config, const struct dm_key *key, const char *text,
                          GPtrArray *mistakes) {
    g_autoptr(GError) error = NULL;
    g_hash_table_replace(config->origins, g_strdup(key->name), g_strdup(key->variable));
    if (!dm_config_value_set_text(config, key, text, &error)) {
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: %s: %s", key->variable, key->name, error->message));
    }
}

/** "DROPMILL_LIMITS_MAX_FILE" may be meant for a setting that has no variable. */
static const struct dm_key *key_of(const char *variable) {
    for (size_t i = 0; i < dm_key_count; i++) {
        g_autofree char *name = g_strconcat(PREFIX, dm_keys[i].name, NULL);
        g_strdelimit(name, ".", '_');
        if (g_ascii_strcasecmp(name, variable) == 0) {
            return &dm_keys[i];
        }
    }
    return NULL;
}

static char *warning_of(const char *variable, const GPtrArray *known) {
    const struct dm_key *key = key_of(variable);
    if (key != NULL) {
        return g_strdup_printf("%s is ignored: there is no variable for %s, expected in the "
                               "configuration",
                               variable, key->name);
    }
    const char *near = dm_nearest(variable, (const char *const *)known->pdata, known->len);
    return g_strdup_printf("%s is ignored: no variable has this name%s%s%s", variable,
                           near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                           near != NULL ? "'?" : "");
}

static void look_at_stranger(struct dm_config *config, const char *variable,
                             const GPtrArray *known) {
    bool is_other = false;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        is_other = is_other || strcmp(others[i], variable) == 0;
    }
    if (!is_other) {
        g_ptr_array_add(config->warnings, warning_of(variable, known));
    }
}

void dm_config_environment_read(struct dm_config *config, char **environment, GPtrArray *mistakes) {
    g_autoptr(GPtrArray) known = variables();
    for (size_t i = 0; i < dm_key_count; i++) {
        const char *variable = dm_keys[i].variable;
        const char *text = variable != NULL ? g_environ_getenv(environment, variable) : NULL;
        if (text != NULL && *text != '\0') {
            read_variable(config, &dm_keys[i], text, mistakes);
        }
    }
    for (char **entry = environment; *entry != NULL; entry++) {
        g_autofree char *name = g_strndup(*entry, strcspn(*entry, "="));
        if (g_str_has_prefix(name, PREFIX) &&
            !g_ptr_array_find_with_equal_func(known, name, g_str_equal, NULL)) {
            look_at_stranger(config, name, known);
        }
    }
}
