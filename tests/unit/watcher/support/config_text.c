// SPDX-License-Identifier: MIT
//
// See config_text.h.
#include "tests/unit/watcher/support/config_text.h"

#include "common/fsutil.h"

#include <string.h>
#include <unistd.h>

char *config_text_write(const char *text) {
    char *path = NULL;
    int fd = g_file_open_tmp("dropmill-test-XXXXXX.conf", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    close(fd);
    return path;
}

struct dm_config *config_text_load(const char *text, GError **error) {
    g_autofree char *path = config_text_write(text);
    struct dm_config *config = dm_config_load(path, error);
    unlink(path);
    return config;
}

char *config_dir_make(const char *first, ...) {
    char *dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    va_list rest;
    va_start(rest, first);
    for (const char *name = first; name != NULL; name = va_arg(rest, const char *)) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_autofree char *parent = g_path_get_dirname(path);
        g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
        g_assert_true(g_file_set_contents(path, va_arg(rest, const char *), -1, NULL));
    }
    va_end(rest);
    g_setenv("CONFIGURATION_DIRECTORY", dir, TRUE);
    return dir;
}

void config_dir_remove(char *dir) {
    g_unsetenv("CONFIGURATION_DIRECTORY");
    dm_remove_tree(dir);
    g_free(dir);
}

struct dm_config *config_dir_load(void) {
    GError *error = NULL;
    struct dm_config *config = dm_config_load(NULL, &error);
    g_assert_no_error(error);
    return config;
}

bool config_text_has_line(const char *text, const char *line) {
    g_autofree char *end = g_strconcat(line, "\n", NULL);
    const char *at = strstr(text, end);
    return at != NULL;
}
