// SPDX-License-Identifier: MIT
//
// Identity: the marker and the devices of a share. Read first: identity.h.
#include "watcher/share/identity.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_LENGTH_MIN 8
#define ID_LENGTH_MAX 64

static const char *const room_names[DM_SHARE_ROOM_COUNT] = {
    [DM_SHARE_INBOX] = DM_DIR_INBOX,
    [DM_SHARE_OUTBOX] = DM_DIR_OUTBOX,
    [DM_SHARE_ORIGINALS] = DM_DIR_ORIGINALS,
    [DM_SHARE_FAILED] = DM_DIR_FAILED,
};

static const char *const room_objections[DM_SHARE_ROOM_COUNT] = {
    [DM_SHARE_INBOX] = "another file system is mounted at its " DM_DIR_INBOX,
    [DM_SHARE_OUTBOX] = "another file system is mounted at its " DM_DIR_OUTBOX,
    [DM_SHARE_ORIGINALS] = "another file system is mounted at its " DM_DIR_ORIGINALS,
    [DM_SHARE_FAILED] = "another file system is mounted at its " DM_DIR_FAILED,
};

const char *dm_share_room_name(enum dm_share_room room) {
    return room_names[room];
}

static bool is_regular(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

static int read_marker(int fd, struct dm_identity *ret) {
    if (!is_regular(fd)) {
        errno = ENODATA;
        return -1;
    }
    ssize_t size = read(fd, ret->id, sizeof(ret->id) - 1);
    if (size <= 0) {
        errno = size == 0 ? ENODATA : errno;
        return -1;
    }
    ret->id[size] = '\0';
    return dm_mark_fd(fd, &ret->marker);
}

static void read_lock(int root_fd, struct dm_identity *ret) {
    ret->lock = (struct dm_mark){0};
    int fd = dm_open_beneath(root_fd, DM_LOCK_FILE, O_RDONLY, 0);
    if (fd >= 0) {
        (void)!dm_mark_fd(fd, &ret->lock);
        close(fd);
    }
}

int dm_identity_read(int root_fd, bool deep, struct dm_identity *ret) {
    int fd = dm_open_beneath(root_fd, DM_ROOT_ID, O_RDONLY, 0);
    if (fd < 0) {
        return -1;
    }
    if (deep) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    }
    int code = read_marker(fd, ret);
    int errnum = errno;
    close(fd);
    read_lock(root_fd, ret);
    errno = errnum;
    return code == 0 ? dm_mark_fd(root_fd, &ret->root) : -1;
}

static bool is_same_file(const struct dm_mark *a, const struct dm_mark *b) {
    return a->ino == b->ino && a->btime_ns == b->btime_ns;
}

/** Say whether the rooms that are file systems of their own are those that were. */
static bool has_same_mounts(const struct dm_identity *known, const struct dm_identity *found) {
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        if (known->rooms[i].ino == 0 || found->rooms[i].ino == 0) {
            continue; // was not there, and could not be made
        }
        bool was = known->rooms[i].dev != known->root.dev;
        bool is = found->rooms[i].dev != found->root.dev;
        if (was != is || (is && !is_same_file(&known->rooms[i], &found->rooms[i]))) {
            return false;
        }
    }
    return true;
}

static const char *device_objection(const struct dm_identity *known,
                                    const struct dm_identity *found) {
    if (found->root.dev != known->root.dev) {
        return "another file system is mounted there";
    }
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        bool both = found->rooms[i].ino != 0 && known->rooms[i].ino != 0;
        if (both && found->rooms[i].dev != known->rooms[i].dev) {
            return room_objections[i];
        }
    }
    return NULL;
}

static bool has_lock(const struct dm_identity *known, const struct dm_identity *found) {
    return known->lock.ino == 0 || is_same_file(&known->lock, &found->lock);
}

static const char *file_objection(const struct dm_identity *known,
                                  const struct dm_identity *found) {
    if (!known->remote && !is_same_file(&known->marker, &found->marker)) {
        return DM_ROOT_ID
            " was replaced, so it may be another share; if it is not, start dropmilld "
            "anew";
    }
    if (!has_lock(known, found)) {
        return DM_LOCK_FILE " was replaced, so another dropmilld may watch it; if none does, start "
                            "dropmilld anew";
    }
    return NULL;
}

const char *dm_identity_objection(const struct dm_identity *known, const struct dm_identity *found,
                                  bool *ret_anew) {
    *ret_anew = false;
    if (strcmp(found->id, known->id) != 0) {
        return DM_ROOT_ID " is that of another share";
    }
    const char *objection = device_objection(known, found);
    *ret_anew = objection != NULL && is_same_file(&known->marker, &found->marker) &&
                has_same_mounts(known, found) && has_lock(known, found);
    return objection != NULL ? objection : file_objection(known, found);
}

// ---- the id alone

static bool is_legal_id(const char *id) {
    size_t length = strlen(id);
    return length >= ID_LENGTH_MIN && length <= ID_LENGTH_MAX && g_ascii_isalnum(id[0]) &&
           strspn(id, G_CSET_DIGITS G_CSET_A_2_Z G_CSET_a_2_z "-") == length;
}

static bool explain(const char *path, int errnum, GError **error) {
    if (errnum == ENOENT || errnum == ENOTDIR) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "cannot use '%s': it is no share (no " DM_ROOT_ID
                       "): if it should be mounted, mount it; to make a new share run 'dropmill "
                       "setup %s'",
                       path, path);
    }
    return dm_fail_errno(error, errnum, "cannot read the marker " DM_ROOT_ID " of the share '%s'",
                         path);
}

char *dm_identity_share_id(const char *path, GError **error) {
    struct dm_identity found = {0};
    int root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = root_fd >= 0 ? dm_identity_read(root_fd, false, &found) : -1;
    int errnum = errno;
    if (root_fd >= 0) {
        close(root_fd);
    }
    if (code != 0 && errnum != ENODATA) {
        explain(path, errnum, error);
        return NULL;
    }
    g_strstrip(found.id);
    if (!is_legal_id(found.id)) {
        dm_fail(error, DM_ERROR_CONFIG, "share '%s': " DM_ROOT_ID " does not hold an id", path);
        return NULL;
    }
    return g_strdup(found.id);
}
