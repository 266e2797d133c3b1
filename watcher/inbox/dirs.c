// SPDX-License-Identifier: MIT
//
// Dirs: a hash table by path, and a count of what is in it. Read first: dirs.h.
#include "watcher/inbox/dirs.h"

#include <string.h>

struct dm_dirs {
    // char * (the directory's own) -> struct dm_dir, owned
    GHashTable *by_path;
    unsigned unwatched, blind, polled;
};

static void dir_free(void *data) {
    struct dm_dir *dir = data;
    g_free(dir->path);
    g_free(dir);
}

bool dm_dir_is_polled(const struct dm_dir *dir) {
    return !dir->watched || dir->blind;
}

/** Count @dir, or (-1) do so no longer. */
static void count(struct dm_dirs *dirs, const struct dm_dir *dir, int by) {
    dirs->unwatched += (unsigned)(dir->watched ? 0 : by);
    dirs->blind += (unsigned)(dir->blind ? by : 0);
    dirs->polled += (unsigned)(dm_dir_is_polled(dir) ? by : 0);
}

struct dm_dirs *dm_dirs_new(void) {
    struct dm_dirs *dirs = g_new0(struct dm_dirs, 1);
    dirs->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, dir_free);
    return dirs;
}

void dm_dirs_free(struct dm_dirs *dirs) {
    if (dirs == NULL) {
        return;
    }
    g_hash_table_destroy(dirs->by_path);
    g_free(dirs);
}

struct dm_dir *dm_dirs_find(const struct dm_dirs *dirs, const char *path) {
    return g_hash_table_lookup(dirs->by_path, path);
}

struct dm_dir *dm_dirs_add(struct dm_dirs *dirs, const char *path) {
    struct dm_dir *dir = dm_dirs_find(dirs, path);
    if (dir == NULL) {
        dir = g_new0(struct dm_dir, 1);
        dir->path = g_strdup(path);
        count(dirs, dir, 1);
        g_hash_table_insert(dirs->by_path, dir->path, dir);
    }
    return dir;
}

static bool is_below(const char *path, const char *above) {
    size_t length = strlen(above);
    return length == 0 ||
           (strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

void dm_dirs_remove(struct dm_dirs *dirs, const char *path) {
    GHashTableIter iter;
    gpointer dir;
    g_hash_table_iter_init(&iter, dirs->by_path);
    while (g_hash_table_iter_next(&iter, NULL, &dir)) {
        const struct dm_dir *one = dir;
        if (is_below(one->path, path)) {
            count(dirs, one, -1);
            g_hash_table_iter_remove(&iter);
        }
    }
}

void dm_dirs_set_watched(struct dm_dirs *dirs, struct dm_dir *dir, bool watched, bool blind) {
    count(dirs, dir, -1);
    dir->watched = watched;
    dir->blind = blind;
    count(dirs, dir, 1);
}

unsigned dm_dirs_count(const struct dm_dirs *dirs) {
    return g_hash_table_size(dirs->by_path);
}

unsigned dm_dirs_unwatched(const struct dm_dirs *dirs) {
    return dirs->unwatched;
}

unsigned dm_dirs_blind(const struct dm_dirs *dirs) {
    return dirs->blind;
}

unsigned dm_dirs_polled(const struct dm_dirs *dirs) {
    return dirs->polled;
}

GPtrArray *dm_dirs_below(const struct dm_dirs *dirs, const char *path) {
    GPtrArray *below = g_ptr_array_new();
    GHashTableIter iter;
    gpointer dir;
    g_hash_table_iter_init(&iter, dirs->by_path);
    while (g_hash_table_iter_next(&iter, NULL, &dir)) {
        const struct dm_dir *one = dir;
        if (is_below(one->path, path)) {
            g_ptr_array_add(below, dir);
        }
    }
    return below;
}
