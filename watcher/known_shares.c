// SPDX-License-Identifier: MIT
//
// Which share was watched where: a small file in each share's state directory.
#include "watcher/known_shares.h"

#include "common/error.h"
#include "common/escape.h"

#include <string.h>
#include <unistd.h>

#define PATHS_FILE "path"

/** The paths of one share; NULL when there are none. (transfer full) */
static char **read_paths(const char *state_dir, const char *id) {
    g_autofree char *file = g_build_filename(state_dir, id, PATHS_FILE, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL)) {
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *paths = g_ptr_array_new();
    for (size_t i = 0; lines[i] != NULL; i++) {
        char *path = dm_unescape(lines[i], strlen(lines[i]));
        if (path != NULL && *path != '\0') {
            g_ptr_array_add(paths, path);
        } else {
            g_free(path);
        }
    }
    g_ptr_array_add(paths, NULL);
    return (char **)g_ptr_array_free(paths, FALSE);
}

char *dm_known_share_find(const char *state_dir, const char *path, char **ret_share) {
    g_autoptr(GDir) dir = g_dir_open(state_dir, 0, NULL);
    const char *id;
    while (dir != NULL && (id = g_dir_read_name(dir)) != NULL) {
        g_auto(GStrv) paths = read_paths(state_dir, id);
        if (paths != NULL && g_strv_contains((const char *const *)paths, path)) {
            if (ret_share != NULL) {
                *ret_share = g_strdup(paths[0]);
            }
            return g_strdup(id);
        }
    }
    return NULL;
}

/** Whichever other share was at @path is there no longer. */
static void forget_others(const char *state_dir, const char *id, const char *path) {
    g_autofree char *other = NULL;
    while ((other = dm_known_share_find(state_dir, path, NULL)) != NULL) {
        g_autofree char *file = g_build_filename(state_dir, other, PATHS_FILE, NULL);
        if (strcmp(other, id) == 0 || unlink(file) != 0) {
            return;
        }
        g_clear_pointer(&other, g_free);
    }
}

bool dm_known_share_set(const char *state_dir, const char *id, const char *const *paths,
                        GError **error) {
    g_autofree char *file = g_build_filename(state_dir, id, PATHS_FILE, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) why = NULL;
    unlink(file); // so that what is found at the paths now are others
    for (; *paths != NULL; paths++) {
        g_autofree char *escaped = dm_escape(*paths);
        forget_others(state_dir, id, *paths);
        g_string_append_printf(text, "%s\n", escaped);
    }
    if (!g_file_set_contents(file, text->str, -1, &why)) {
        return dm_fail(error, DM_ERROR_SYSTEM, "cannot remember the share's path: %s",
                       why->message);
    }
    return true;
}
