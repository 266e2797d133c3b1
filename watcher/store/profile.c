// SPDX-License-Identifier: MIT
#include "watcher/store/profile.h"

#include "common/error.h"

#include <stdbool.h>
#include <string.h>

const char *dm_profile_get(GHashTable *profile, const char *name) {
    const char *value = g_hash_table_lookup(profile, name);
    return value != NULL ? value : "";
}

/** Say whether "[...]" begins profile @name: [name], in the configuration [profile name]. */
static bool is_section(const char *line, const char *name) {
    const char *end = strchr(line, ']');
    if (end == NULL)
        return false;
    g_autofree char *inside = g_strndup(line + 1, (gsize)(end - line - 1));
    g_strstrip(inside);
    const char *is = inside;
    if (g_str_has_prefix(is, "profile ") || g_str_has_prefix(is, "profile\t"))
        is += strlen("profile ") + strspn(is + strlen("profile "), " \t");
    return strcmp(is, name) == 0;
}

/** Add what @text says of profile @name. Returns whether it has one. */
static bool add_profile(const char *text, const char *name, GHashTable *profile) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool is_in = false;
    bool was_there = false;
    for (char **line = lines; *line != NULL; line++) {
        // What is indented belongs to the value above it, of which nothing is needed here.
        if (g_ascii_isspace(**line) || **line == '#' || **line == ';' || **line == '\0')
            continue;
        if (**line == '[') {
            is_in = is_section(*line, name);
            was_there = was_there || is_in;
            continue;
        }
        char *equals = strchr(*line, '=');
        if (!is_in || equals == NULL)
            continue;
        *equals = '\0';
        const char *key = g_strstrip(*line);
        if (!g_hash_table_contains(profile, key))
            g_hash_table_insert(profile, g_strdup(key), g_strdup(g_strstrip(equals + 1)));
    }
    return was_there;
}

/** The path of a file: a variable's, or below the home directory. (transfer full) */
static char *path_of(char **environment, const char *variable, const char *below_home) {
    const char *path = g_environ_getenv(environment, variable);
    if (path != NULL && *path != '\0')
        return g_strdup(path);
    const char *home = g_environ_getenv(environment, "HOME");
    return g_build_filename(home != NULL ? home : g_get_home_dir(), below_home, NULL);
}

GHashTable *dm_profile_read(char **environment, const char *name, GError **error) {
    static const char *const places[][2] = {
        {"AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"},
        {"AWS_CONFIG_FILE", ".aws/config"},
    };
    const char *wanted = *name != '\0' ? name : "default";
    g_autoptr(GHashTable) profile = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bool was_there = *name == '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = path_of(environment, places[i][0], places[i][1]);
        g_autofree char *text = NULL;
        g_autoptr(GError) failure = NULL;
        if (g_file_get_contents(path, &text, NULL, &failure)) {
            was_there = add_profile(text, wanted, profile) || was_there;
        } else if (!g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
                   !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
            dm_fail(error, DM_ERROR_CONFIG, "profiles of AWS: %s", failure->message);
            return NULL;
        }
    }
    if (!was_there) {
        dm_fail(error, DM_ERROR_CONFIG,
                "profile of AWS: '%s' is neither in ~/.aws/credentials nor in ~/.aws/config", name);
        return NULL;
    }
    return g_steal_pointer(&profile);
}
