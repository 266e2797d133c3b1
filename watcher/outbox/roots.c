// SPDX-License-Identifier: MIT
//
// The open directories of a share and their guard: see roots.h.
#include "watcher/outbox/roots.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <fcntl.h>
#include <sys/stat.h>

#define IDENTITY_MAX_BYTES 4096

/** One of the four: what it is called, where its descriptor is kept, and whether we may make it. */
static const struct {
    const char *name;
    size_t offset;
    bool ours; // nobody else's data can be missing when it is
} directories[] = {
    {DM_DIR_INBOX, offsetof(struct dm_roots, inbox), false},
    {DM_DIR_OUTBOX, offsetof(struct dm_roots, outbox), false},
    {DM_DIR_ORIGINALS, offsetof(struct dm_roots, originals), true},
    {DM_DIR_FAILED, offsetof(struct dm_roots, failed), true},
};

static int *descriptor(struct dm_roots *roots, size_t index) {
    return (int *)((char *)roots + directories[index].offset);
}

/** Read the share's identity: (transfer full), or NULL with errno. */
static char *read_identity(int share_fd) {
    DM_AUTO_CLOSE int fd = dm_open_beneath(share_fd, DM_ROOT_ID, O_RDONLY, 0);
    if (fd < 0) {
        return NULL;
    }
    char text[IDENTITY_MAX_BYTES];
    ssize_t length = read(fd, text, sizeof(text));
    return length >= 0 ? g_strndup(text, (size_t)length) : NULL;
}

static bool check_identity(struct dm_roots *roots, int share_fd, GError **error) {
    g_autofree char *identity = read_identity(share_fd);
    if (identity == NULL) {
        return dm_fail_errno(error, errno, "cannot read the identity of the share '%s'",
                             roots->share);
    }
    if (roots->identity == NULL) {
        roots->identity = g_steal_pointer(&identity);
    } else if (g_strcmp0(roots->identity, identity) != 0) {
        return dm_fail(error, DM_ERROR_TRANSIENT, "the share '%s' is another one than at the start",
                       roots->share);
    }
    return true;
}

/** Say whether the open descriptor is what stands under the name now. */
static bool is_current(int fd, int share_fd, const char *name) {
    struct stat open_one, named;
    return fd >= 0 && fstat(fd, &open_one) == 0 &&
           fstatat(share_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static bool open_directory(struct dm_roots *roots, size_t index, int share_fd, GError **error) {
    const char *name = directories[index].name;
    int fd = directories[index].ours ? dm_make_dirs_beneath(share_fd, name)
                                     : dm_open_beneath(share_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return dm_fail_errno(error, errno, "cannot open the directory '%s/%s'", roots->share, name);
    }
    int *place = descriptor(roots, index);
    dm_close_fd(place);
    *place = fd;
    return true;
}

bool dm_roots_check(struct dm_roots *roots, GError **error) {
    DM_AUTO_CLOSE int share_fd = dm_open_root(roots->share, error);
    if (share_fd < 0 || !check_identity(roots, share_fd, error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(directories); i++) {
        if (!is_current(*descriptor(roots, i), share_fd, directories[i].name) &&
            !open_directory(roots, i, share_fd, error)) {
            return false;
        }
    }
    return true;
}

struct dm_roots *dm_roots_new(const char *share, GError **error) {
    struct dm_roots *roots = g_new(struct dm_roots, 1);
    *roots = (struct dm_roots){
        .share = g_strdup(share), .inbox = -1, .outbox = -1, .originals = -1, .failed = -1};
    if (!dm_roots_check(roots, error)) {
        dm_roots_free(roots);
        return NULL;
    }
    return roots;
}

void dm_roots_free(struct dm_roots *roots) {
    if (roots == NULL) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(directories); i++) {
        dm_close_fd(descriptor(roots, i));
    }
    g_free(roots->share);
    g_free(roots->identity);
    g_free(roots);
}
