// SPDX-License-Identifier: MIT
//
// See send_keep.h.
#include "watcher/cli/send_keep.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/cli/send_sums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NAMES 10000

bool dm_send_keep_begin(const struct dm_send *send, const char *path, struct dm_send_half *ret,
                        GError **error) {
    g_autofree char *dir = dm_path_dir(path);
    g_autofree char *temp = g_strdup_printf(".dropmill-send-%08x.tmp", g_random_int());
    *ret = (struct dm_send_half){.fd = -1, .path = g_strdup(path)};
    ret->dir_fd = dm_make_dirs_beneath(send->get_fd, dir);
    if (ret->dir_fd >= 0) {
        ret->fd = dm_create_half(ret->dir_fd, temp, 0666, &ret->temp);
    }
    if (ret->fd < 0) {
        g_autofree char *shown = dm_path_display(path);
        dm_fail_errno(error, errno, "cannot make '%s' in '%s'", shown, send->get_dir);
        dm_send_keep_drop(ret);
        return false;
    }
    return true;
}

static bool is_input(const struct dm_send *send, const struct stat *there) {
    for (guint i = 0; i < send->files->len; i++) {
        const struct dm_send_file *file = send->files->pdata[i];
        if (file->dev == there->st_dev && file->ino == there->st_ino) {
            return true;
        }
    }
    return false;
}

/** Say whether what is called @name is a file of the sum @sha256, as long as ours. */
static bool is_same(const struct dm_send_half *half, const char *name, const char *sha256) {
    struct stat ours, there;
    int fd = openat(half->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct dm_send_sums sums = {0};
    bool is = fd >= 0 && fstat(fd, &there) == 0 && fstat(half->fd, &ours) == 0 &&
              S_ISREG(there.st_mode) && there.st_size == ours.st_size &&
              dm_send_sum(fd, there.st_size, 0, &sums) && strcmp(sums.sha256, sha256) == 0;
    dm_send_sums_clear(&sums);
    if (fd >= 0) {
        close(fd);
    }
    return is;
}

static bool may_replace(const struct dm_send *send, const struct dm_send_half *half,
                        const char *name) {
    struct stat there;
    return send->force && fstatat(half->dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(there.st_mode) && !is_input(send, &there);
}

/** Returns 0, or an errno: EEXIST, the name is taken. */
static int give_name(const struct dm_send *send, const struct dm_send_half *half,
                     const char *name) {
    int fd = half->dir_fd;
    int status = may_replace(send, half, name)
                     ? renameat(fd, half->temp, fd, name)
                     : renameat2(fd, half->temp, fd, name, RENAME_NOREPLACE);
    // Some network file systems cannot promise not to replace.
    if (status != 0 && (errno == EINVAL || errno == ENOSYS)) {
        status = linkat(fd, half->temp, fd, name, 0);
        if (status == 0) {
            unlinkat(fd, half->temp, 0);
        }
    }
    return status == 0 ? 0 : errno;
}

/** "a.jpg", then "a (2).jpg", ... (transfer full) */
static char *name_at(const char *base, int number) {
    if (number == 1) {
        return g_strdup(base);
    }
    g_autofree char *stem = dm_name_stem(base);
    const char *extension = dm_name_extension(base);
    g_autofree char *suffix =
        g_strdup_printf(" (%d)%s%s", number, *extension != '\0' ? "." : "", extension);
    return dm_name_fit(stem, suffix);
}

static char *absolute_path(const struct dm_send *send, const struct dm_send_half *half,
                           const char *name) {
    g_autofree char *dir = dm_path_dir(half->path);
    return g_build_filename(send->get_dir, dir, name, NULL);
}

bool dm_send_keep_end(const struct dm_send *send, struct dm_send_half *half, const char *sha256,
                      char **ret_path, GError **error) {
    int errnum = EEXIST;
    for (int number = 1; errnum == EEXIST && number <= MAX_NAMES; number++) {
        g_autofree char *name = name_at(dm_path_base(half->path), number);
        if (is_same(half, name, sha256)) {
            *ret_path = absolute_path(send, half, name);
            dm_send_keep_drop(half);
            return true;
        }
        errnum = give_name(send, half, name);
        if (errnum == 0) {
            *ret_path = absolute_path(send, half, name);
            g_clear_pointer(&half->temp, g_free);
        }
    }
    if (errnum != 0) {
        g_autofree char *shown = dm_path_display(half->path);
        dm_fail_errno(error, errnum, "cannot give the result its name '%s' in '%s'", shown,
                      send->get_dir);
    }
    dm_send_keep_drop(half);
    return errnum == 0;
}

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

void dm_send_keep_drop(struct dm_send_half *half) {
    if (half->temp != NULL) {
        unlinkat(half->dir_fd, half->temp, 0);
    }
    close_fd(&half->fd);
    close_fd(&half->dir_fd);
    g_clear_pointer(&half->temp, g_free);
    g_clear_pointer(&half->path, g_free);
}
