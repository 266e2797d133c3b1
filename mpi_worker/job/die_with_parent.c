// SPDX-License-Identifier: MIT
//
// The descriptor of `alive` stays open on purpose: the kernel lets go of the lock when the last
// instruction of this process is done, however it ends.
#include "mpi_worker/job/die_with_parent.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static bool hold_alive(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT) {
        return true;
    }
    if (fd < 0) {
        return dm_fail_errno(error, errno, "cannot open '%s'", path);
    }
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        return true;
    }
    int failed = errno;
    close(fd);
    if (failed == EWOULDBLOCK) {
        return dm_fail(error, DM_ERROR_CANCELLED,
                       "the watcher has given this job up: '%s' is taken", path);
    }
    return dm_fail_errno(error, failed, "cannot lock '%s'", path);
}

bool dm_die_with_parent(const char *socket_path, GError **error) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return dm_fail_errno(error, errno, "cannot tie this process to mpirun");
    }
    const struct rlimit no_core = {0};
    if (setrlimit(RLIMIT_CORE, &no_core) != 0) {
        return dm_fail_errno(error, errno, "cannot forbid core files");
    }
    if (socket_path == NULL) {
        return true;
    }
    g_autofree char *directory = g_path_get_dirname(socket_path);
    g_autofree char *alive = g_build_filename(directory, "alive", NULL);
    return hold_alive(alive, error);
}
