// SPDX-License-Identifier: MIT
//
// The four directories of a share that the outbox works in, held open, and the guard before them:
// an unmounted share looks empty, and that must never be taken for "the user took his file" or "the
// result is gone". Every job on the lane asks dm_roots_check() first.
#ifndef DM_WATCHER_OUTBOX_ROOTS_H
#define DM_WATCHER_OUTBOX_ROOTS_H

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

/** Owned by the lane's thread between dm_roots_new() and dm_roots_free(). */
struct dm_roots {
    char *share;
    char *identity; // the text of .dropmill/root.id
    int inbox, outbox, originals, failed;
};

/** Open them. Errors: DM_ERROR_SYSTEM, DM_ERROR_TRANSIENT; also when @share has no identity. */
struct dm_roots *dm_roots_new(const char *share, GError **error);
void dm_roots_free(struct dm_roots *roots);

/**
 * Say whether the share is there and still the same one. A directory that was mounted again, or
 * made again by somebody, is opened again. On failure nothing may be concluded from what is or is
 * not on disk. Errors: DM_ERROR_TRANSIENT, DM_ERROR_SYSTEM.
 */
bool dm_roots_check(struct dm_roots *roots, GError **error);

/** Say whether @errnum means that there is no such file, whatever stands in its directory's place.
 */
static inline bool dm_errno_is_gone(int errnum) {
    return errnum == ENOENT || errnum == ENOTDIR || errnum == ELOOP;
}

/** For __attribute__((cleanup(dm_close_fd))): close, and leave errno alone. */
static inline void dm_close_fd(const int *fd) {
    if (*fd >= 0) {
        int errnum = errno;
        close(*fd);
        errno = errnum;
    }
}
#define DM_AUTO_CLOSE __attribute__((cleanup(dm_close_fd)))

#endif
