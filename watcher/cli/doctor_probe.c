// SPDX-License-Identifier: MIT
//
// See doctor_probe.h.
#include "watcher/cli/doctor_probe.h"

#include "common/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char text[] = "dropmill doctor was here. This may be deleted.\n";

int dm_probe_put(int dir_fd, struct dm_probe *ret) {
    *ret = (struct dm_probe){.dir_fd = dir_fd};
    snprintf(ret->name, sizeof(ret->name), ".dropmill-doctor-%d", (int)getpid());
    snprintf(ret->other, sizeof(ret->other), ".dropmill-doctor-%d-renamed", (int)getpid());
    ret->fd = dm_create_new(dir_fd, ret->name, 0600);
    if (ret->fd < 0) {
        return errno;
    }
    if (!dm_write_all(ret->fd, text, sizeof(text) - 1) || fsync(ret->fd) != 0) {
        int errnum = errno;
        dm_probe_take(ret);
        return errnum;
    }
    return 0;
}

int dm_probe_take(struct dm_probe *probe) {
    close(probe->fd);
    bool gone = unlinkat(probe->dir_fd, probe->name, 0) == 0;
    int errnum = gone ? 0 : errno;
    gone |= unlinkat(probe->dir_fd, probe->other, 0) == 0;
    return gone ? 0 : errnum;
}
