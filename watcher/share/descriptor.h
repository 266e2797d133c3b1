// SPDX-License-Identifier: MIT
//
// File descriptors that close themselves, and what an errno says of a name.
#ifndef DM_WATCHER_SHARE_DESCRIPTOR_H
#define DM_WATCHER_SHARE_DESCRIPTOR_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

/** For __attribute__((cleanup(dm_close_fd))): close, and leave errno alone. */
static inline void dm_close_fd(const int *fd) {
    if (*fd >= 0) {
        int errnum = errno;
        close(*fd);
        errno = errnum;
    }
}
#define DM_AUTO_CLOSE __attribute__((cleanup(dm_close_fd)))

/** Say whether @errnum means that there is no such file, whatever stands in its directory's place.
 */
static inline bool dm_errno_is_gone(int errnum) {
    return errnum == ENOENT || errnum == ENOTDIR || errnum == ELOOP;
}

#endif
