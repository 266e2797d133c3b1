// SPDX-License-Identifier: MIT
//
// Guard: the marker .dropmill/root.id (made by `dropmill setup` only) and the devices of share and
// inbox. Read first: guard.h.
#include "watcher/inbox/guard.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ID_MAX 256
#define LONGEST_DELAY_S 30

/** How a share looks from inside. */
struct looks {
    char id[ID_MAX];     // content of the marker
    uint64_t marker_ino; // tells the share mounted anew from a copy of it
    uint64_t share_dev;
    uint64_t inbox_dev; // differs from share_dev when the inbox is a mount of its own
};

struct dm_guard {
    char *share;
    struct looks known;
};

static bool read_marker(int share_fd, struct looks *ret) {
    int fd = dm_open_beneath(share_fd, DM_ROOT_ID, O_RDONLY, 0);
    if (fd < 0) {
        return false;
    }
    struct dm_fingerprint marker;
    ssize_t size = read(fd, ret->id, sizeof ret->id - 1);
    bool good = size > 0 && dm_fingerprint_fd(fd, &marker) == 0;
    int errnum = size == 0 ? ENODATA : errno;
    close(fd);
    errno = errnum;
    if (!good) {
        return false;
    }
    ret->id[size] = '\0';
    ret->marker_ino = marker.ino;
    return true;
}

/** Returns a descriptor of the inbox and how all looks, or -1 with errno and what failed. */
static int look(int share_fd, struct looks *ret, const char **ret_what) {
    struct dm_fingerprint share, inbox;
    *ret_what = DM_ROOT_ID;
    if (!read_marker(share_fd, ret)) {
        return -1;
    }
    *ret_what = DM_DIR_INBOX;
    int fd = dm_open_beneath(share_fd, DM_DIR_INBOX, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return -1;
    }
    if (dm_fingerprint_fd(share_fd, &share) != 0 || dm_fingerprint_fd(fd, &inbox) != 0) {
        int errnum = errno;
        close(fd);
        errno = errnum;
        return -1;
    }
    ret->share_dev = share.dev;
    ret->inbox_dev = inbox.dev;
    return fd;
}

static int open_and_look(const char *share, struct looks *ret, const char **ret_what) {
    *ret_what = "its directory";
    int share_fd = open(share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (share_fd < 0) {
        return -1;
    }
    int fd = look(share_fd, ret, ret_what);
    int errnum = errno;
    close(share_fd);
    errno = errnum;
    return fd;
}

/** Why @found is not the share that we know; NULL if it is. May learn a new device, see guard.h. */
static const char *objection(struct looks *known, const struct looks *found) {
    if (strcmp(found->id, known->id) != 0) {
        return DM_ROOT_ID " is that of another share";
    }
    if (found->share_dev != known->share_dev) {
        if (found->marker_ino == known->marker_ino) {
            *known = *found;
        }
        return "another file system is mounted there";
    }
    if (found->inbox_dev != known->inbox_dev) {
        return "another file system is mounted at its " DM_DIR_INBOX;
    }
    return NULL;
}

struct dm_guard *dm_guard_new(const char *share, GError **error) {
    struct looks found = {0};
    const char *what;
    int fd = open_and_look(share, &found, &what);
    if (fd < 0) {
        dm_fail(error, DM_ERROR_CONFIG,
                "no share at '%s': %s: %s, expected what 'dropmill setup' makes", share, what,
                g_strerror(errno));
        return NULL;
    }
    close(fd);
    struct dm_guard *guard = g_new0(struct dm_guard, 1);
    guard->share = g_strdup(share);
    guard->known = found;
    return guard;
}

void dm_guard_free(struct dm_guard *guard) {
    if (guard == NULL) {
        return;
    }
    g_free(guard->share);
    g_free(guard);
}

int dm_guard_open(struct dm_guard *guard, char **ret_problem) {
    struct looks found = {0};
    const char *what;
    int fd = open_and_look(guard->share, &found, &what);
    if (fd < 0) {
        *ret_problem = g_strdup_printf("the share '%s' is offline: %s: %s", guard->share, what,
                                       g_strerror(errno));
        return -1;
    }
    const char *why = objection(&guard->known, &found);
    if (why == NULL) {
        return fd;
    }
    close(fd);
    *ret_problem = g_strdup_printf("the share '%s' is offline: %s", guard->share, why);
    return -1;
}

bool dm_guard_is_offline_errno(int errnum) {
    static const int offline[] = {EHOSTDOWN, ESTALE, ETIMEDOUT, EIO, ENOTCONN};
    for (size_t i = 0; i < G_N_ELEMENTS(offline); i++) {
        if (errnum == offline[i]) {
            return true;
        }
    }
    return false;
}

int64_t dm_guard_delay_us(unsigned failures) {
    int64_t seconds = failures < 6 ? 1 << (failures > 0 ? failures - 1 : 0) : LONGEST_DELAY_S;
    return MIN(seconds, LONGEST_DELAY_S) * G_USEC_PER_SEC;
}
