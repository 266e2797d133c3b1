// SPDX-License-Identifier: MIT
//
// The file-system moves that both programs make: see fsutil.h.
#include "common/fsutil.h"

#include "common/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

static int64_t nanoseconds(struct statx_timestamp t) {
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int take_fingerprint(int dir_fd, const char *name, int flags, struct dm_fingerprint *ret,
                            mode_t *ret_mode) {
    struct statx s;
    if (statx(dir_fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &s) != 0) {
        return -1;
    }
    *ret = (struct dm_fingerprint){
        .dev = makedev(s.stx_dev_major, s.stx_dev_minor),
        .ino = s.stx_ino,
        .btime_ns = s.stx_mask & STATX_BTIME ? nanoseconds(s.stx_btime) : 0,
        .size_bytes = (int64_t)s.stx_size,
        .mtime_ns = nanoseconds(s.stx_mtime),
        .ctime_ns = nanoseconds(s.stx_ctime),
        .links = s.stx_nlink,
    };
    if (ret_mode != NULL) {
        *ret_mode = s.stx_mode;
    }
    return 0;
}

int dm_open_root(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot open the directory '%s'", path);
    }
    return fd;
}

int dm_open_beneath(int root_fd, const char *path, int flags, mode_t mode) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NONBLOCK),
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd;
    do { // EAGAIN: something was renamed while the kernel resolved the path
        fd = syscall(SYS_openat2, root_fd, *path != '\0' ? path : ".", &how, sizeof(how));
    } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
    return (int)fd;
}

int dm_fingerprint_fd(int fd, struct dm_fingerprint *ret) {
    return take_fingerprint(fd, "", AT_EMPTY_PATH, ret, NULL);
}

int dm_mark_fd(int fd, struct dm_mark *ret) {
    struct dm_fingerprint found;
    if (dm_fingerprint_fd(fd, &found) != 0) {
        return -1;
    }
    *ret = (struct dm_mark){found.dev, found.ino, found.btime_ns};
    return 0;
}

int dm_fingerprint_at(int dir_fd, const char *name, struct dm_fingerprint *ret, mode_t *ret_mode) {
    return take_fingerprint(dir_fd, name, AT_SYMLINK_NOFOLLOW, ret, ret_mode);
}

// ---- creating

#define RANDOM_TRIES 8

bool dm_is_our_file(int dir_fd, const char *name) {
    struct stat s;
    return fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode) &&
           (s.st_uid == geteuid() || dm_is_network_fs(dir_fd));
}

/** A link that somebody makes at once would let him write into what will be published. */
static bool is_alone(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_nlink == 1;
}

static int create(int dir_fd, const char *name, mode_t mode) {
    int fd = dm_open_beneath(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (fd < 0 || is_alone(fd)) {
        return fd;
    }
    unlinkat(dir_fd, name, 0);
    close(fd);
    errno = EEXIST;
    return -1;
}

int dm_create_new(int dir_fd, const char *name, mode_t mode) {
    int fd = create(dir_fd, name, mode);
    if (fd >= 0 || errno != EEXIST) {
        return fd;
    }
    if (!dm_is_our_file(dir_fd, name)) {
        errno = EEXIST;
        return -1;
    }
    return unlinkat(dir_fd, name, 0) == 0 ? create(dir_fd, name, mode) : -1;
}

static bool random_number(uint64_t *ret) {
    return getrandom(ret, sizeof(*ret), 0) == (ssize_t)sizeof(*ret);
}

int dm_create_half(int dir_fd, const char *name, mode_t mode, char **ret_name) {
    g_autofree char *tried = g_strdup(name);
    int fd = dm_create_new(dir_fd, tried, mode);
    uint64_t number;
    for (int i = 0; fd < 0 && errno == EEXIST && i < RANDOM_TRIES && random_number(&number); i++) {
        g_free(tried);
        tried = g_strdup_printf(".dropmill-%016" PRIx64 ".tmp", number);
        fd = create(dir_fd, tried, mode);
    }
    if (fd >= 0) {
        *ret_name = g_steal_pointer(&tried);
    }
    return fd;
}

bool dm_write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0) {
            return false;
        }
        data += n;
        length -= (size_t)n;
    }
    return true;
}

// ---- directories

/** Open the directory @name in @dir_fd, made when it is not there. */
static int enter_dir(int dir_fd, const char *name) {
    int fd = dm_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 && errno == ENOENT && (mkdirat(dir_fd, name, 02775) == 0 || errno == EEXIST)) {
        fd = dm_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
    }
    return fd;
}

int dm_make_dirs_beneath(int root_fd, const char *path) {
    int fd = dm_open_beneath(root_fd, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    fd = dm_open_beneath(root_fd, ".", O_RDONLY | O_DIRECTORY, 0);
    for (char **name = names; fd >= 0 && *name != NULL; name++) {
        if (**name == '\0') {
            continue;
        }
        int next = enter_dir(fd, *name);
        int errnum = errno;
        close(fd);
        errno = errnum;
        fd = next;
    }
    return fd;
}

/** Remove all below the directory @fd, which is closed. */
static void remove_below(int fd) {
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(fd, entry->d_name, 0) == 0) {
            continue;
        }
        int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0) {
            remove_below(below);
            unlinkat(fd, entry->d_name, AT_REMOVEDIR);
        }
    }
    closedir(dir);
}

void dm_remove_tree(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        remove_below(fd);
        rmdir(path);
    }
}

bool dm_errno_is_offline(int errnum) {
    static const int offline[] = {EHOSTDOWN, ESTALE, ETIMEDOUT, EIO, ENOTCONN, ENXIO};
    for (size_t i = 0; i < G_N_ELEMENTS(offline); i++) {
        if (errnum == offline[i]) {
            return true;
        }
    }
    return false;
}

bool dm_is_network_fs(int fd) {
    static const long network[] = {NFS_SUPER_MAGIC,
                                   SMB_SUPER_MAGIC,
                                   SMB2_SUPER_MAGIC,
                                   CIFS_SUPER_MAGIC,
                                   FUSE_SUPER_MAGIC,
                                   V9FS_MAGIC,
                                   CEPH_SUPER_MAGIC,
                                   AFS_SUPER_MAGIC,
                                   CODA_SUPER_MAGIC,
                                   0x0BD00BD0 /* Lustre */,
                                   0x47504653 /* GPFS */,
                                   0x19830326 /* BeeGFS */,
                                   0x01161970 /* GFS2 */};
    struct statfs s;
    if (fstatfs(fd, &s) != 0) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(network); i++) {
        if ((unsigned)s.f_type == (unsigned)network[i]) {
            return true;
        }
    }
    return false;
}
