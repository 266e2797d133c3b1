// SPDX-License-Identifier: MIT
//
// Lock. See lock.h.
#include "watcher/share/lock.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <string.h>

/** Open the lock file without following a symlink that somebody put in its place. */
static int open_lock(const char *path, int flags) {
    DM_AUTO_CLOSE int root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root_fd >= 0 ? dm_open_beneath(root_fd, DM_LOCK_FILE, flags, flags & O_CREAT ? 0664 : 0)
                        : -1;
}

/** That it fails (a full disk) is no reason not to watch. */
static void sign(int fd) {
    g_autofree char *line = g_strdup_printf("%d %s\n", (int)getpid(), g_get_user_name());
    size_t length = strlen(line);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, line, length, 0) != (ssize_t)length) {
        dm_log_debug("cannot sign the lock file: %s", g_strerror(errno));
    }
}

int dm_share_lock(const char *path, GError **error) {
    int fd = open_lock(path, O_RDWR | O_CREAT);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot open the lock file '%s/" DM_LOCK_FILE "'", path);
        return -1;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        sign(fd);
        return fd;
    }
    if (errno == EAGAIN || errno == EACCES) {
        dm_fail(error, DM_ERROR_TRANSIENT,
                "cannot watch the share '%s': another dropmilld already does", path);
    } else {
        dm_fail_errno(error, errno, "cannot lock '%s/" DM_LOCK_FILE "'", path);
    }
    close(fd);
    return -1;
}

static bool is_locked(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/** "123 tester" in the first line. */
static char *read_signature(int fd, int64_t *ret_pid) {
    char text[256];
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    text[MAX(length, 0)] = '\0';
    text[strcspn(text, "\n")] = '\0';
    char *user;
    int64_t pid = g_ascii_strtoll(text, &user, 10);
    bool is_signed = pid > 0 && *user == ' ' && user[1] != '\0';
    *ret_pid = is_signed ? pid : 0;
    return is_signed ? dm_path_display(user + 1) : g_strdup("");
}

char *dm_share_lock_holder(const char *path, int64_t *ret_pid) {
    DM_AUTO_CLOSE int fd = open_lock(path, O_RDONLY);
    return fd >= 0 && is_locked(fd) ? read_signature(fd, ret_pid) : NULL;
}
