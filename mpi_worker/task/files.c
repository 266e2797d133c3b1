// SPDX-License-Identifier: MIT
//
// See files.h.
#include "mpi_worker/task/files.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "mpi_worker/codec/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

/** Say whether the open root of one of the two files is the directory that the watcher has looked
 * at: another file system may have come in its place. */
static bool is_known(int root_fd, const struct dm_mark *known) {
    struct dm_mark found;
    return dm_mark_fd(root_fd, &found) == 0 && dm_mark_fits(known, &found);
}

static bool another_root(const char *path, enum dm_reason reason, struct dm_result *ret) {
    return dm_verdict(ret, DM_STATUS_BLOCKED, reason, "another directory is in the place of '%s'",
                      path);
}

// ---- the original

/** The share, or this machine, refuses: nothing is said of the picture. */
static bool refused(const char *what, int errnum, struct dm_result *ret) {
    ret->errnum = errnum;
    return dm_verdict(ret, DM_STATUS_BLOCKED, DM_REASON_UNREADABLE, "cannot %s the file: %s", what,
                      g_strerror(errnum));
}

/** What a refusal to open the input means. */
static bool cannot_open(int errnum, struct dm_result *ret) {
    static const struct {
        int errnum;
        enum dm_status status;
        enum dm_reason reason;
    } meanings[] = {
        {ENOENT, DM_STATUS_CHANGED, DM_REASON_CHANGED},
        {ENOTDIR, DM_STATUS_CHANGED, DM_REASON_CHANGED},
        {ENXIO, DM_STATUS_CHANGED, DM_REASON_CHANGED}, // a socket is in its place
        {EMFILE, DM_STATUS_BLOCKED, DM_REASON_UNREADABLE},
        {ENFILE, DM_STATUS_BLOCKED, DM_REASON_UNREADABLE},
        {ENOMEM, DM_STATUS_BLOCKED, DM_REASON_UNREADABLE},
    };
    const char *why = errnum == ELOOP ? "a symbolic link is in its path" : g_strerror(errnum);
    for (size_t i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (meanings[i].errnum == errnum) {
            return dm_verdict(ret, meanings[i].status, meanings[i].reason,
                              "cannot open the file: %s", why);
        }
    }
    return dm_errno_is_offline(errnum) ? refused("open", errnum, ret)
                                       : dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_UNREADABLE,
                                                    "cannot open the file: %s", why);
}

static bool changed(struct dm_result *ret) {
    return dm_verdict(ret, DM_STATUS_CHANGED, DM_REASON_CHANGED,
                      "the file changed after it was accepted");
}

/** The expected fingerprint; all zero means that nobody took one. */
static bool is_expected(const struct dm_task *task, const struct dm_fingerprint *now) {
    static const struct dm_fingerprint none;
    return dm_fingerprint_equal(&task->fingerprint, &none) ||
           dm_fingerprint_equal(&task->fingerprint, now);
}

static bool check_kind(const struct dm_task *task, struct dm_original *original,
                       struct dm_result *ret) {
    struct stat s;
    if (fstat(original->fd, &s) != 0) {
        return cannot_open(errno, ret);
    }
    original->mode = s.st_mode;
    original->gid = s.st_gid;
    if (!is_expected(task, &original->fingerprint)) {
        return changed(ret);
    }
    if (!S_ISREG(s.st_mode)) {
        return dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_UNREADABLE, "it is not a regular file");
    }
    if (task->max_bytes > 0 && original->fingerprint.size_bytes > task->max_bytes) {
        return dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                          "the file has %" PRId64 " bytes, at most %" PRId64 " are allowed",
                          original->fingerprint.size_bytes, task->max_bytes);
    }
    return true;
}

bool dm_original_open(const struct dm_task *task, struct dm_original *original,
                      struct dm_result *ret) {
    *original = (struct dm_original){.fd = -1};
    GError *error = NULL;
    original->root_fd = dm_open_root(task->input_root, &error);
    if (original->root_fd < 0) {
        ret->errnum = errno;
        dm_verdict(ret, DM_STATUS_BLOCKED, DM_REASON_UNREADABLE, "%s", error->message);
        g_error_free(error);
        return false;
    }
    if (!is_known(original->root_fd, &task->input_mark)) {
        return another_root(task->input_root, DM_REASON_UNREADABLE, ret);
    }
    original->fd = dm_open_beneath(original->root_fd, task->input, O_RDONLY, 0);
    if (original->fd < 0 || dm_fingerprint_fd(original->fd, &original->fingerprint) != 0) {
        return cannot_open(errno, ret);
    }
    return check_kind(task, original, ret);
}

bool dm_original_recheck(const struct dm_task *task, const struct dm_original *original,
                         struct dm_result *ret) {
    struct dm_fingerprint open_one, named;
    if (dm_fingerprint_fd(original->fd, &open_one) != 0 ||
        dm_fingerprint_at(original->root_fd, task->input, &named, NULL) != 0) {
        return dm_errno_is_offline(errno) ? refused("look at", errno, ret) : changed(ret);
    }
    return (dm_fingerprint_equal(&open_one, &original->fingerprint) &&
            dm_fingerprint_equal(&named, &original->fingerprint)) ||
           changed(ret);
}

bool dm_file_is_refused(int fd, struct dm_result *ret) {
    static const size_t piece_bytes = 1 << 20;
    g_autofree char *piece = g_malloc(piece_bytes);
    off_t at = 0;
    ssize_t got;
    while ((got = pread(fd, piece, piece_bytes, at)) > 0) {
        at += got;
    }
    return got < 0 && dm_errno_is_offline(errno) && !refused("read", errno, ret);
}

void dm_original_clear(struct dm_original *original) {
    close_fd(&original->fd);
    close_fd(&original->root_fd);
}

bool dm_original_read(int fd, struct dm_bytes *ret_bytes, struct dm_result *ret) {
    off_t end = lseek(fd, 0, SEEK_END);
    size_t size = (size_t)MAX(end, 0);
    *ret_bytes = (struct dm_bytes){.data = g_try_malloc(MAX(size, 1))};
    if (ret_bytes->data == NULL) {
        return dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "no memory to read %zu bytes",
                          size);
    }
    while (ret_bytes->size < size) {
        ssize_t got = pread(fd, ret_bytes->data + ret_bytes->size, size - ret_bytes->size,
                            (off_t)ret_bytes->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && dm_errno_is_offline(errno)) {
            return refused("read", errno, ret);
        }
        if (got <= 0) {
            return dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_UNREADABLE,
                              "cannot read the file: %s",
                              got < 0 ? g_strerror(errno) : "it became shorter");
        }
        ret_bytes->size += (size_t)got;
    }
    return true;
}

// ---- the temporary

bool dm_temp_cannot_write(const struct dm_task *task, int errnum, struct dm_result *ret) {
    g_autofree char *dir = dm_path_dir(task->temp);
    g_autofree char *path = dm_path_join(task->output_root, dir);
    g_autofree char *shown = dm_path_display(path);
    ret->errnum = errnum;
    return dm_verdict(ret, DM_STATUS_BLOCKED, DM_REASON_CANNOT_WRITE, "cannot write into '%s': %s",
                      shown, g_strerror(errnum));
}

/** Returns -1 with @ret. */
static int open_dir(const struct dm_task *task, struct dm_result *ret) {
    int root_fd = dm_open_root(task->output_root, NULL);
    if (root_fd < 0) {
        dm_temp_cannot_write(task, errno, ret);
        return -1;
    }
    if (!is_known(root_fd, &task->output_mark)) {
        another_root(task->output_root, DM_REASON_CANNOT_WRITE, ret);
        close(root_fd);
        return -1;
    }
    g_autofree char *dir = dm_path_dir(task->temp);
    int dir_fd = dm_make_dirs_beneath(root_fd, dir);
    int errnum = errno;
    close(root_fd);
    return dir_fd >= 0 || dm_temp_cannot_write(task, errnum, ret) ? dir_fd : -1;
}

/** The part of @mode that @original allows a file of the group @gid: people of another group than
 * the original's were anybody to it. */
static mode_t allowed_mode(mode_t mode, const struct dm_original *original, gid_t gid) {
    bool group = (original->mode & S_IRGRP) != 0, others = (original->mode & S_IROTH) != 0;
    bool to_group = original->gid == gid ? group : group && others;
    return mode & ~((to_group ? 0U : S_IRWXG) | (group && others ? 0U : S_IRWXO));
}

/** A file system that knows no modes refuses, and nobody is let in by that. */
static void set_mode(const struct dm_task *task, const struct dm_original *original, int fd) {
    struct stat s;
    if (fstat(fd, &s) == 0) {
        mode_t wanted = task->mode != 0 ? (mode_t)task->mode & 0777 : s.st_mode & 0777;
        (void)!fchmod(fd, allowed_mode(wanted, original, s.st_gid));
    }
}

bool dm_temp_open(const struct dm_task *task, const struct dm_original *original,
                  struct dm_temp *temp, struct dm_result *ret) {
    *temp = (struct dm_temp){.fd = -1, .name = g_strdup(dm_path_base(task->temp))};
    temp->dir_fd = open_dir(task, ret);
    if (temp->dir_fd < 0) {
        return false;
    }
    temp->fd = dm_create_new(temp->dir_fd, temp->name, task->mode != 0 ? 0600 : 0664);
    if (temp->fd < 0 && errno == EEXIST) {
        return dm_verdict(ret, DM_STATUS_BLOCKED, DM_REASON_NAME_TAKEN,
                          "somebody's file has the name of the temporary '%s'", task->temp);
    }
    if (temp->fd < 0) {
        return dm_temp_cannot_write(task, errno, ret);
    }
    set_mode(task, original, temp->fd);
    return true;
}

bool dm_temp_restart(const struct dm_task *task, struct dm_temp *temp, struct dm_result *ret) {
    if (ftruncate(temp->fd, 0) != 0 || lseek(temp->fd, 0, SEEK_SET) != 0) {
        return dm_temp_cannot_write(task, errno, ret);
    }
    return true;
}

bool dm_temp_finish(const struct dm_task *task, const struct dm_temp *temp, int64_t bytes,
                    struct dm_result *ret) {
    struct stat s;
    if (fstat(temp->fd, &s) != 0 || (task->sync && fsync(temp->fd) != 0)) {
        return dm_temp_cannot_write(task, errno, ret);
    }
    return s.st_size == bytes || dm_verdict(ret, DM_STATUS_FAILED, DM_REASON_INTERNAL,
                                            "the result has %" PRId64 " bytes, expected %" PRId64,
                                            (int64_t)s.st_size, bytes);
}

bool dm_temp_is_stuck(const struct dm_task *task, const struct dm_temp *temp,
                      struct dm_result *ret) {
    static const char more[DM_SINK_BYTES];
    struct stat s;
    ssize_t written =
        fstat(temp->fd, &s) == 0 ? pwrite(temp->fd, more, sizeof(more), s.st_size) : -1;
    if (written == (ssize_t)sizeof(more)) {
        return false;
    }
    dm_temp_cannot_write(task, written < 0 ? errno : ENOSPC, ret);
    return true;
}

bool dm_temp_read(const struct dm_temp *temp, size_t limit, struct dm_bytes *ret_bytes) {
    off_t end = lseek(temp->fd, 0, SEEK_END);
    if (end < 0) {
        return false;
    }
    size_t size = MIN((size_t)end, limit);
    struct dm_bytes bytes = {.data = g_malloc(MAX(size, 1))};
    while (bytes.size < size) {
        ssize_t got =
            pread(temp->fd, bytes.data + bytes.size, size - bytes.size, (off_t)bytes.size);
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            break;
        }
        bytes.size += got > 0 ? (size_t)got : 0;
    }
    if (bytes.size < size) {
        g_free(bytes.data);
        return false;
    }
    *ret_bytes = bytes;
    return true;
}

void dm_temp_take_time(const struct dm_temp *temp, const struct dm_original *original) {
    struct stat of;
    if (fstat(original->fd, &of) == 0) {
        const struct timespec times[] = {of.st_mtim, of.st_mtim};
        futimens(temp->fd, times);
    }
}

void dm_temp_clear(struct dm_temp *temp, bool keep) {
    if (temp->fd >= 0 && !keep) {
        unlinkat(temp->dir_fd, temp->name, 0);
    }
    close_fd(&temp->fd);
    close_fd(&temp->dir_fd);
    g_clear_pointer(&temp->name, g_free);
}
