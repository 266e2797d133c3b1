// SPDX-License-Identifier: MIT
//
// The files of the configuration: see config_files.h.
#include "watcher/config_files.h"

#include <stdlib.h>
#include <string.h>

char *dm_config_dir(void) {
    const char *managed = g_getenv("CONFIGURATION_DIRECTORY");
    return managed != NULL && g_path_is_absolute(managed)
               ? g_strndup(managed, strcspn(managed, ":"))
               : g_path_get_dirname(DM_CONFIG_PATH);
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Append the paths of NAME.conf in @part of the configuration's directory; hidden ones are an
 * editor's. */
static void add_parts(GPtrArray *files, const char *part) {
    g_autofree char *top = dm_config_dir();
    g_autofree char *dir = g_build_filename(top, part, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) names = g_dir_open(dir, 0, &error);
    const char *name;
    if (names == NULL && !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_ptr_array_add(files, g_strdup(dir)); // whoever reads it will say what is wrong
    }
    guint first = files->len;
    while (names != NULL && (name = g_dir_read_name(names)) != NULL) {
        if (*name != '.' && g_str_has_suffix(name, ".conf")) {
            g_ptr_array_add(files, g_build_filename(dir, name, NULL));
        }
    }
    if (files->len > first) {
        qsort(files->pdata + first, files->len - first, sizeof(char *), by_bytes);
    }
}

char **dm_config_files(const char *path) {
    GPtrArray *files = g_ptr_array_new();
    if (path != NULL) {
        g_ptr_array_add(files, g_strdup(path));
    } else {
        g_autofree char *dir = dm_config_dir();
        g_autofree char *base = g_path_get_basename(DM_CONFIG_PATH);
        char *main_file = g_build_filename(dir, base, NULL);
        if (g_file_test(main_file, G_FILE_TEST_EXISTS)) {
            g_ptr_array_add(files, main_file);
        } else {
            g_free(main_file);
        }
        add_parts(files, DM_CONFIG_PARTS);
    }
    g_ptr_array_add(files, NULL);
    return (char **)g_ptr_array_free(files, FALSE);
}

char **dm_config_recipe_files(const char *path) {
    GPtrArray *files = g_ptr_array_new();
    if (path == NULL) {
        add_parts(files, DM_CONFIG_RECIPES);
    }
    g_ptr_array_add(files, NULL);
    return (char **)g_ptr_array_free(files, FALSE);
}
