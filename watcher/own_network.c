// SPDX-License-Identifier: MIT
//
// Making a network namespace: see own_network.h.
#include "watcher/own_network.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void dm_own_network_prepare(struct dm_own_network *network) {
    // Everybody stays who he is.
    (void)snprintf(network->user_map, sizeof(network->user_map), "%u %u 1", geteuid(), geteuid());
    (void)snprintf(network->group_map, sizeof(network->group_map), "%u %u 1", getegid(), getegid());
}

static bool write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        int failed = errno;
        close(fd);
        errno = failed;
    }
    return good;
}

/** Groups must be given up for good before a user may write the map of groups. */
static const char *enter_as_user(const struct dm_own_network *network) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        return "no user namespace with a network";
    }
    if (!write_text("/proc/self/setgroups", "deny") ||
        !write_text("/proc/self/uid_map", network->user_map) ||
        !write_text("/proc/self/gid_map", network->group_map)) {
        return "the user namespace cannot be set up";
    }
    return NULL;
}

static const char *raise_loopback(void) {
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
    if (fd >= 0) {
        int failed = errno;
        close(fd);
        errno = failed;
    }
    return good ? NULL : "its loopback cannot be raised";
}

const char *dm_own_network_enter(const struct dm_own_network *network) {
    if (unshare(CLONE_NEWNET) != 0) { // root may, most of the time
        const char *problem = enter_as_user(network);
        if (problem != NULL) {
            return problem;
        }
    }
    return raise_loopback();
}

/** Runs in the child that tries: what it has to say goes to @fd, errno first. */
static G_GNUC_NORETURN void try_in_child(const struct dm_own_network *network, int fd) {
    const char *problem = dm_own_network_enter(network);
    int failed = errno;
    if (problem != NULL && write(fd, &failed, sizeof(failed)) == (ssize_t)sizeof(failed)) {
        _exit(write(fd, problem, strlen(problem)) > 0 ? 1 : 2);
    }
    _exit(0);
}

/** What the child has told; empty when all went well. */
static ssize_t hear_child(const struct dm_own_network *network, void *buffer, size_t size) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        try_in_child(network, fds[1]);
    }
    close(fds[1]);
    ssize_t got = -1;
    if (pid > 0) {
        waitpid(pid, NULL, 0); // it says less than a pipe holds
        got = read(fds[0], buffer, size);
    }
    close(fds[0]);
    return got;
}

bool dm_own_network_check(GError **error) {
    struct dm_own_network network = {0};
    struct {
        int failed;
        char problem[124];
    } told = {0};
    dm_own_network_prepare(&network);
    ssize_t got = hear_child(&network, &told, sizeof(told) - 1);
    if (got == 0) {
        return true;
    }
    const char *problem = got > (ssize_t)sizeof(told.failed) ? told.problem : "it cannot be tried";
    return dm_fail(
        error, DM_ERROR_CONFIG,
        "engine: several ranks on this machine need a network of their own, where nobody "
        "can reach mpirun, but %s: %s; let the service's unit do so, by 'dropmill setup' once "
        "more with this configuration, or allow user namespaces, or leave engine.ranks and "
        "engine.mpirun_args as they are shipped: one rank uses all cores too",
        problem, g_strerror(got < 0 ? errno : told.failed));
}
