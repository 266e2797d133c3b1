// SPDX-License-Identifier: MIT
//
// Walks. See walk.h.
#include "watcher/share/walk.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct dm_walk {
    // char *: still to be read, the next one last.
    GPtrArray *dirs;
};

struct dm_walk *dm_walk_new(void) {
    struct dm_walk *walk = g_new(struct dm_walk, 1);
    walk->dirs = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(walk->dirs, g_strdup(""));
    return walk;
}

void dm_walk_free(struct dm_walk *walk) {
    if (walk != NULL) {
        g_ptr_array_unref(walk->dirs);
        g_free(walk);
    }
}

static bool is_directory(int dir_fd, const struct dirent *entry) {
    struct stat s;
    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(dir_fd, entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(s.st_mode);
}

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/** The names in @stream; directories among them go onto the walk's list as well. */
static GPtrArray *read_names(struct dm_walk *walk, DIR *stream, const char *dir) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) { // NOLINT(concurrency-mt-unsafe): our own stream
        if (is_dots(entry->d_name)) {
            continue;
        }
        if (is_directory(dirfd(stream), entry)) {
            g_ptr_array_add(walk->dirs, dm_path_join(dir, entry->d_name));
        }
        g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    return names;
}

/** Visit one directory. Returns how many names it has. */
static size_t visit_directory(struct dm_walk *walk, int root_fd, const char *dir, dm_walk_fn visit,
                              void *data) {
    int fd = dm_open_beneath(root_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        dm_close_fd(&fd);
        return 1;
    }
    g_autoptr(GPtrArray) names = read_names(walk, stream, dir);
    visit(fd, dir, names, data);
    closedir(stream);
    return names->len + 1;
}

bool dm_walk_step(struct dm_walk *walk, int root_fd, size_t budget, dm_walk_fn visit, void *data) {
    size_t names = 0;
    while (walk->dirs->len > 0 && names < budget) {
        g_autofree char *dir = g_ptr_array_steal_index(walk->dirs, walk->dirs->len - 1);
        names += visit_directory(walk, root_fd, dir, visit, data);
    }
    return walk->dirs->len > 0;
}

// ---- removing

int dm_remove_beneath(int root_fd, const char *path) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(root_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0 && unlinkat(dir_fd, dm_path_base(path), 0) == 0) {
        return 0;
    }
    return dm_errno_is_gone(errno) ? 0 : -1;
}

int dm_remove_ours_beneath(int root_fd, const char *path) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(root_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0) {
        return dm_errno_is_gone(errno) ? 0 : -1;
    }
    bool ours = dm_is_our_file(dir_fd, dm_path_base(path));
    return !ours || unlinkat(dir_fd, dm_path_base(path), 0) == 0 || errno == ENOENT ? 0 : -1;
}

void dm_remove_empty_dirs(int root_fd, const char *dir) {
    g_autofree char *rest = g_strdup(dir);
    while (*rest != '\0') {
        g_autofree char *above = dm_path_dir(rest);
        DM_AUTO_CLOSE int above_fd = dm_open_beneath(root_fd, above, O_RDONLY | O_DIRECTORY, 0);
        if (above_fd < 0 || unlinkat(above_fd, dm_path_base(rest), AT_REMOVEDIR) != 0) {
            return;
        }
        g_free(rest);
        rest = g_steal_pointer(&above);
    }
}
