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
#include <sys/stat.h>

#define LOCK_MODE 0644
#define ELSEWHERE_FILE "share.lock"

/** Open the lock file without following a symlink that somebody put in its place. */
static int open_lock(int private_fd, int flags) {
    return dm_open_beneath(private_fd, dm_path_base(DM_LOCK_FILE), flags,
                           flags & O_CREAT ? LOCK_MODE : 0);
}

/** Say whether nobody has laid his own directory there, who may write into the share itself. */
static bool is_owners(int root_fd, int private_fd) {
    struct stat root, dir;
    return fstat(root_fd, &root) == 0 && fstat(private_fd, &dir) == 0 &&
           (dir.st_uid == geteuid() || dir.st_uid == 0 || dir.st_uid == root.st_uid ||
            dm_is_network_fs(root_fd));
}

static int open_private(const char *path) {
    DM_AUTO_CLOSE int root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd =
        root_fd >= 0 ? dm_open_beneath(root_fd, DM_DIR_PRIVATE, O_RDONLY | O_DIRECTORY, 0) : -1;
    if (fd >= 0 && !is_owners(root_fd, fd)) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

/**
 * Say whether the open lock may be written into: a regular file with no other name, of ours or of
 * whoever owns the directory that nobody else may write into.
 */
static bool is_good(int private_fd, int fd) {
    struct stat dir, file;
    return fstat(private_fd, &dir) == 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
           file.st_nlink == 1 && (file.st_uid == geteuid() || file.st_uid == dir.st_uid);
}

/** That it fails (a full disk) is no reason not to watch. */
static void sign(int fd) {
    g_autofree char *line =
        g_strdup_printf("%d %s\n%" G_GINT64_FORMAT " %s\n", (int)getpid(), g_get_user_name(),
                        g_get_real_time(), g_get_host_name());
    size_t length = strlen(line);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, line, length, 0) != (ssize_t)length) {
        dm_log_debug("cannot sign the lock file: %s", g_strerror(errno));
    }
}

static int open_good_lock(const char *path, GError **error) {
    DM_AUTO_CLOSE int private_fd = open_private(path);
    int fd = private_fd >= 0 ? open_lock(private_fd, O_RDWR | O_CREAT) : -1;
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot open the lock file '%s/" DM_LOCK_FILE "'%s", path,
                      errno == EROFS ? " (to leave originals in the inbox of a share that is "
                                       "read-only, set originals.keep = \"leave\")"
                                     : "");
        return -1;
    }
    if (!is_good(private_fd, fd)) {
        dm_fail(error, DM_ERROR_SYSTEM,
                "cannot use the lock file '%s/" DM_LOCK_FILE "': it is somebody else's, or no "
                "regular file with one name, remove it",
                path);
        close(fd);
        return -1;
    }
    return fd;
}

/** "process 123 of the user tester on the host here, since 2026-05-31 16:04:10", as far as it is
 * signed; (transfer full). */
static char *describe_holder(int fd) {
    char text[512];
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    text[MAX(length, 0)] = '\0';
    g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
    char *user = NULL, *host = NULL;
    int64_t pid = lines[0] != NULL ? g_ascii_strtoll(lines[0], &user, 10) : 0;
    int64_t since = pid > 0 && lines[1] != NULL ? g_ascii_strtoll(lines[1], &host, 10) : 0;
    GString *words = g_string_new(NULL);
    if (pid > 0) {
        g_string_append_printf(words, ": process %" G_GINT64_FORMAT " of the user%s", pid, user);
    }
    g_autoptr(GDateTime) time =
        since > 0 ? g_date_time_new_from_unix_local(since / G_USEC_PER_SEC) : NULL;
    if (time != NULL) {
        g_autofree char *when = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
        g_string_append_printf(words, " on the host%s, since %s", host, when);
    }
    g_autofree char *all = g_string_free(words, FALSE);
    return dm_path_display(all); // anybody who may write there may have signed
}

static int take(int fd, const char *path, GError **error) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        (void)!fchmod(fd, LOCK_MODE); // whatever the umask is, and older versions made of it
        sign(fd);
        return fd;
    }
    if (errno == EAGAIN || errno == EACCES) {
        g_autofree char *holder = describe_holder(fd);
        dm_fail(error, DM_ERROR_TRANSIENT,
                "cannot watch the share '%s': another dropmilld already does%s", path, holder);
    } else {
        dm_fail_errno(error, errno, "cannot lock '%s/" DM_LOCK_FILE "'", path);
    }
    close(fd);
    return -1;
}

/** Say whether no lock can be made on the share itself. */
static bool is_read_only(const char *path) {
    DM_AUTO_CLOSE int private_fd = open_private(path);
    DM_AUTO_CLOSE int fd = private_fd >= 0 ? open_lock(private_fd, O_RDWR | O_CREAT) : -1;
    return private_fd >= 0 && fd < 0 && errno == EROFS;
}

int dm_share_lock(const char *path, const char *elsewhere, bool *ret_elsewhere, GError **error) {
    *ret_elsewhere = elsewhere != NULL && is_read_only(path);
    int fd;
    if (*ret_elsewhere) {
        g_autofree char *name = g_build_filename(elsewhere, ELSEWHERE_FILE, NULL);
        fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
        if (fd < 0) {
            dm_fail_errno(error, errno, "cannot open the lock file '%s'", name);
        }
    } else {
        fd = open_good_lock(path, error);
    }
    return fd >= 0 ? take(fd, path, error) : -1;
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
    DM_AUTO_CLOSE int private_fd = open_private(path);
    DM_AUTO_CLOSE int fd = private_fd >= 0 ? open_lock(private_fd, O_RDONLY) : -1;
    return fd >= 0 && is_locked(fd) ? read_signature(fd, ret_pid) : NULL;
}
