// SPDX-License-Identifier: MIT
//
// Trying again: see put_back.h.
#include "watcher/share/put_back.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"
#include "watcher/share/note_file.h"
#include "watcher/share/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- one

/** For dm_move(): the inbox must have nothing of that name, and no other name will do. */
static int reserve(int dir_fd, const char *name, void *data) {
    struct stat status;
    bool is_wanted = strcmp(name, data) == 0;
    bool is_free = fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    return is_wanted && is_free ? 0 : ENOTUNIQ;
}

static void remove_note(int failed_fd, const char *path) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(failed_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0) {
        dm_note_file_remove_stale(dir_fd, dm_path_base(path));
        dm_remove_empty_dirs(failed_fd, dir);
    }
}

/** The state of the file @path beneath @root_fd: it is looked at where no symlink leads. */
static int look(int root_fd, const char *path, struct dm_fingerprint *ret) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(root_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    return dir_fd >= 0 ? dm_fingerprint_at(dir_fd, dm_path_base(path), ret, NULL) : -1;
}

const char *dm_put_back(int failed_fd, int inbox_fd, const char *from, const char *to) {
    struct dm_fingerprint fingerprint;
    if (look(failed_fd, from, &fingerprint) != 0) {
        return dm_errno_is_gone(errno) ? DM_PUT_BACK_GONE : g_strerror(errno);
    }
    g_autofree char *temp = dm_temp_name(0, getpid());
    const struct dm_move move = {
        .from_fd = failed_fd,
        .to_fd = inbox_fd,
        .path = from,
        .to_path = to,
        .fingerprint = &fingerprint,
        .temp = temp,
        .reserve = reserve,
        .data = (char *)(uintptr_t)dm_path_base(to),
    };
    g_autofree char *moved_to = NULL;
    switch (dm_move(&move, &moved_to, NULL)) {
    case DM_MOVED:
        remove_note(failed_fd, from);
        return NULL;
    case DM_MOVED_GONE:
    case DM_MOVED_CHANGED:
        return "it is being changed just now";
    case DM_MOVED_REFUSED:
        break;
    }
    return errno == ENOTUNIQ ? "a file of that name is in the inbox already" : g_strerror(errno);
}

// ---- all

struct dm_failed_walk {
    struct dm_walk *walk;
    // A directory, or one file.
    char *under;
    // Of the step.
    GPtrArray *found;
};

struct dm_failed_walk *dm_failed_walk_new(const char *under) {
    struct dm_failed_walk *walk = g_new0(struct dm_failed_walk, 1);
    walk->walk = dm_walk_new();
    walk->under = g_strdup(under);
    return walk;
}

void dm_failed_walk_free(struct dm_failed_walk *walk) {
    if (walk != NULL) {
        dm_walk_free(walk->walk);
        g_free(walk->under);
        g_free(walk);
    }
}

static bool is_regular(int dir_fd, const char *name) {
    struct stat status;
    return fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

/** A note of ours is no file that failed; neither is a temporary. */
static void collect(int dir_fd, const char *dir, GPtrArray *names, void *data) {
    struct dm_failed_walk *walk = data;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = dm_path_join(dir, name);
        bool ours = dm_note_file_is_ours(dir_fd, name) || g_str_has_prefix(name, ".dropmill-");
        bool meant = strcmp(path, walk->under) == 0 || dm_path_is_under(path, walk->under);
        if (meant && !ours && is_regular(dir_fd, name)) {
            g_ptr_array_add(walk->found, g_steal_pointer(&path));
        }
    }
}

bool dm_failed_walk_step(struct dm_failed_walk *walk, int failed_fd, size_t budget,
                         GPtrArray *found) {
    walk->found = found;
    return dm_walk_step(walk->walk, failed_fd, budget, collect, walk);
}
