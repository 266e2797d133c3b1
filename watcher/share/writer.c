// SPDX-License-Identifier: MIT
//
// See writer.h.
#include "watcher/share/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

/**
 * A lease for reading is given only while nobody has the file open for writing. Who opens it in the
 * moment that we hold one waits for us, and we are told by a signal: one that is ignored.
 */
enum dm_writer dm_writer_of(int fd) {
    fcntl(fd, F_SETSIG, SIGURG);
    if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
        return errno == EAGAIN ? DM_WRITER_BUSY : DM_WRITER_UNKNOWN;
    }
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return DM_WRITER_NONE;
}
