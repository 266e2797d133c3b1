// SPDX-License-Identifier: MIT
//
// The careful move of an original: see move.h.
//
// Between the look at a file and its rename somebody may put another one in its place. So it is
// looked at again where it has arrived, and a stranger goes back. A directory is entered once, by
// descriptor; what follows is immune to renames above it.
#include "watcher/share/move.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES_MAX 10000
#define COPY_BYTES 262144
#define EXTENSION_MAX 16 // a longer one is cut like the rest of the name
#define ROOM ".txt"      // left in a numbered name, so that a note's name tells numbers apart, too

/** Both ends of a move while it is made. */
struct ends {
    const struct dm_move *move;
    // The name where it is, and the one that it is to have.
    const char *base, *wanted;
    // Directories.
    int from, to;
    struct dm_fingerprint put;
};

char *dm_move_numbered(const char *name, unsigned n) {
    if (n == 1) {
        return g_strdup(name);
    }
    const char *extension = dm_name_extension(name);
    bool keep = *extension != '\0' && strlen(extension) <= EXTENSION_MAX;
    g_autofree char *stem = keep ? dm_name_stem(name) : g_strdup(name);
    g_autofree char *suffix =
        keep ? g_strdup_printf(" (%u).%s" ROOM, n, extension) : g_strdup_printf(" (%u)" ROOM, n);
    char *numbered = dm_name_fit(stem, suffix);
    numbered[strlen(numbered) - strlen(ROOM)] = '\0';
    return numbered;
}

int dm_rename_new(int from, const char *old, int to, const char *new) {
    if (renameat2(from, old, to, new, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
        return -1;
    }
    struct stat s;
    if (fstatat(to, new, &s, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return errno == ENOENT ? renameat(from, old, to, new) : -1;
}

bool dm_move_is_same(int dir_fd, const char *name, const struct dm_fingerprint *expected) {
    struct dm_fingerprint found;
    return dm_fingerprint_at(dir_fd, name, &found, NULL) == 0 && found.ino == expected->ino &&
           found.btime_ns == expected->btime_ns && found.size_bytes == expected->size_bytes &&
           found.mtime_ns == expected->mtime_ns;
}

static enum dm_moved check_source(const struct ends *ends) {
    struct dm_fingerprint found;
    if (dm_fingerprint_at(ends->from, ends->base, &found, NULL) != 0) {
        return dm_errno_is_gone(errno) ? DM_MOVED_GONE : DM_MOVED_REFUSED;
    }
    return dm_fingerprint_equal(&found, ends->move->fingerprint) ? DM_MOVED : DM_MOVED_CHANGED;
}

// ---- to another file system

static bool copy_bytes(int from, int to) {
    g_autofree char *buffer = g_malloc(COPY_BYTES);
    ssize_t length;
    while ((length = read(from, buffer, COPY_BYTES)) > 0) {
        if (!dm_write_all(to, buffer, (size_t)length)) {
            return false;
        }
    }
    return length == 0;
}

/** Make @to what @from is: bytes, owner, mode and times, durable. */
static bool copy_file(int from, int to) {
    struct stat s;
    if (fstat(from, &s) != 0 || !copy_bytes(from, to)) {
        return false;
    }
    (void)!fchown(to, s.st_uid, s.st_gid); // only root may; anybody else's copy is his own
    const struct timespec times[] = {s.st_atim, s.st_mtim};
    return fchmod(to, s.st_mode & 0777) == 0 && futimens(to, times) == 0 && fsync(to) == 0;
}

/** @ret_temp: what the copy is called, (transfer full); NULL: there is none. */
static int make_copy(struct ends *ends, char **ret_temp) {
    DM_AUTO_CLOSE int from = dm_open_beneath(ends->from, ends->base, O_RDONLY, 0);
    DM_AUTO_CLOSE int to =
        from >= 0 ? dm_create_half(ends->to, ends->move->temp, 0600, ret_temp) : -1;
    return to >= 0 && copy_file(from, to) ? dm_fingerprint_fd(to, &ends->put) : -1;
}

/** Copy, look whether that was still the file, give the copy its name, remove the file. */
static enum dm_moved copy_across(struct ends *ends, const char *name) {
    g_autofree char *temp = NULL;
    enum dm_moved end = make_copy(ends, &temp) == 0 ? check_source(ends) : DM_MOVED_REFUSED;
    if (end == DM_MOVED && dm_rename_new(ends->to, temp, ends->to, name) != 0) {
        end = DM_MOVED_REFUSED;
    }
    bool named = end == DM_MOVED;
    if (named && (unlinkat(ends->from, ends->base, 0) == 0 || errno == ENOENT)) {
        return DM_MOVED;
    }
    int errnum = errno;
    if (temp != NULL) {
        unlinkat(ends->to, named ? name : temp, 0);
    }
    errno = errnum;
    return named ? DM_MOVED_REFUSED : end;
}

// ---- the move

/** ENOENT may speak of the file, or of the directory that it should go to. */
static enum dm_moved explain_refusal(const struct ends *ends) {
    int errnum = errno;
    enum dm_moved end = errnum == ENOENT ? check_source(ends) : DM_MOVED_REFUSED;
    errno = errnum;
    return end == DM_MOVED_GONE ? DM_MOVED_GONE : DM_MOVED_REFUSED;
}

static enum dm_moved rename_across(struct ends *ends, const char *name) {
    if (dm_rename_new(ends->from, ends->base, ends->to, name) != 0) {
        return errno == EXDEV ? copy_across(ends, name) : explain_refusal(ends);
    }
    if (dm_move_is_same(ends->to, name, ends->move->fingerprint)) {
        return DM_MOVED;
    }
    // A stranger, put there a moment ago. If a third one is already in its place, it stays with us.
    (void)!dm_rename_new(ends->to, name, ends->from, ends->base);
    return DM_MOVED_CHANGED;
}

/** Try one name. REFUSED with EEXIST: try the next. */
static enum dm_moved try_name(struct ends *ends, const char *name) {
    int errnum =
        ends->move->reserve != NULL ? ends->move->reserve(ends->to, name, ends->move->data) : 0;
    if (errnum != 0) {
        errno = errnum;
        return DM_MOVED_REFUSED;
    }
    return rename_across(ends, name);
}

static enum dm_moved move_between(struct ends *ends, char **ret_name) {
    for (unsigned n = 1; n <= TRIES_MAX; n++) {
        g_autofree char *name = dm_move_numbered(ends->wanted, n);
        enum dm_moved end = try_name(ends, name);
        if (end == DM_MOVED) {
            *ret_name = g_steal_pointer(&name);
        }
        if (end != DM_MOVED_REFUSED || errno != EEXIST) {
            return end;
        }
    }
    errno = EEXIST;
    return DM_MOVED_REFUSED;
}

enum dm_moved dm_move(const struct dm_move *move, char **ret_path, struct dm_fingerprint *ret_put) {
    g_autofree char *dir = dm_path_dir(move->path);
    DM_AUTO_CLOSE int from = dm_open_beneath(move->from_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (from < 0) {
        return dm_errno_is_gone(errno) ? DM_MOVED_GONE : DM_MOVED_REFUSED;
    }
    const char *to_path = move->to_path != NULL ? move->to_path : move->path;
    g_autofree char *to_dir = dm_path_dir(to_path);
    struct ends ends = {.move = move,
                        .base = dm_path_base(move->path),
                        .wanted = dm_path_base(to_path),
                        .from = from,
                        .to = -1,
                        .put = *move->fingerprint};
    enum dm_moved end = check_source(&ends);
    if (end != DM_MOVED) {
        return end;
    }
    DM_AUTO_CLOSE int to = dm_make_dirs_beneath(move->to_fd, to_dir);
    if (to < 0) {
        return DM_MOVED_REFUSED;
    }
    ends.to = to;
    g_autofree char *name = NULL;
    end = move_between(&ends, &name);
    if (end == DM_MOVED) {
        *ret_path = dm_path_join(to_dir, name);
        if (ret_put != NULL) {
            *ret_put = ends.put;
        }
    }
    return end;
}

char *dm_move_find(int to_fd, const char *path, const struct dm_fingerprint *fingerprint) {
    g_autofree char *dir = dm_path_dir(path);
    DM_AUTO_CLOSE int to = dm_open_beneath(to_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    struct stat s;
    for (unsigned n = 1; to >= 0 && n <= TRIES_MAX; n++) {
        g_autofree char *name = dm_move_numbered(dm_path_base(path), n);
        if (dm_move_is_same(to, name, fingerprint)) {
            return dm_path_join(dir, name);
        }
        if (fstatat(to, name, &s, AT_SYMLINK_NOFOLLOW) != 0) {
            break;
        }
    }
    return NULL;
}
