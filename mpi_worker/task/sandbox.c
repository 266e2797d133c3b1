// SPDX-License-Identifier: MIT
//
// See sandbox.h. A sandbox is our own child that nobody else waits for, so its number stays its own
// until it is waited for here.
#include "mpi_worker/task/sandbox.h"

#include "common/error.h"
#include "mpi_worker/task/datagram.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BIRTH_US = 20 * G_USEC_PER_SEC, ENDING_MS = 2000, WORD_BYTES = 1024 };

struct dm_sandbox {
    pid_t pid;
    int pid_fd; // -1: the kernel has none
    int socket;
    clockid_t clock; // of its processor time
    unsigned told;   // how often it was given descriptors
    int64_t most;    // bytes that a task of it took
    struct {
        rlim_t cpu_s, address_bytes, file_bytes;
    } known; // limits that it has
};

// ---- its end

/** Wait until its death can be asked for, at most @timeout_ms. */
static bool dies_within(const struct dm_sandbox *sandbox, int timeout_ms) {
    struct pollfd end = {.fd = sandbox->pid_fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&end, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && sandbox->pid_fd >= 0;
}

static int wait_for(struct dm_sandbox *sandbox) {
    int status = 0;
    pid_t got;
    do {
        got = waitpid(sandbox->pid, &status, __WALL);
    } while (got < 0 && errno == EINTR);
    return status;
}

static void forget(struct dm_sandbox *sandbox) {
    close(sandbox->socket);
    if (sandbox->pid_fd >= 0) {
        close(sandbox->pid_fd);
    }
    g_free(sandbox);
}

void dm_sandbox_free(struct dm_sandbox *sandbox) {
    if (sandbox == NULL) {
        return;
    }
    shutdown(sandbox->socket, SHUT_RDWR);
    if (!dies_within(sandbox, ENDING_MS)) {
        kill(sandbox->pid, SIGKILL);
    }
    wait_for(sandbox);
    forget(sandbox);
}

static char *describe(int status) {
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        return name != NULL ? g_strdup_printf("was killed by SIG%s", name)
                            : g_strdup_printf("was killed by signal %d", WTERMSIG(status));
    }
    return g_strdup_printf("ended with exit code %d", WEXITSTATUS(status));
}

char *dm_sandbox_kill(struct dm_sandbox *sandbox) {
    // A dying process closes its socket some moments before it can be waited for.
    struct pollfd end = {.fd = sandbox->socket, .events = POLLIN};
    bool ending = poll(&end, 1, 0) > 0 && (end.revents & POLLHUP);
    bool dead = dies_within(sandbox, ending ? ENDING_MS : 0);
    if (!dead) {
        kill(sandbox->pid, SIGKILL);
    }
    int status = wait_for(sandbox);
    forget(sandbox);
    return dead ? describe(status) : NULL;
}

// ---- its birth

/** Its first words: that it is locked in, or why it cannot be. */
static bool is_born(struct dm_sandbox *sandbox, GError **error) {
    char words[WORD_BYTES];
    size_t size = 0;
    int64_t deadline_us = g_get_monotonic_time() + BIRTH_US;
    if (dm_sandbox_hear(sandbox, deadline_us, words, sizeof(words), &size) != DM_HEARD_WORDS) {
        return dm_fail(error, DM_ERROR_SYSTEM, "a new sandbox says nothing");
    }
    return (size == sizeof(dm_inside_go) && memcmp(words, dm_inside_go, size) == 0) ||
           dm_fail(error, DM_ERROR_SYSTEM, "%.*s", (int)size, words);
}

struct dm_sandbox *dm_sandbox_new(struct dm_zygote *zygote, GError **error) {
    int ends[2];
    pid_t pid = 0;
    if (!dm_datagram_pair(ends, error)) {
        return NULL;
    }
    bool forked = dm_zygote_fork(zygote, ends[1], &pid, error);
    close(ends[1]);
    if (!forked) {
        close(ends[0]);
        return NULL;
    }
    struct dm_sandbox *sandbox = g_new0(struct dm_sandbox, 1);
    sandbox->pid = pid;
    sandbox->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    sandbox->socket = ends[0];
    clock_getcpuclockid(pid, &sandbox->clock);
    if (!is_born(sandbox, error)) {
        g_clear_pointer(&sandbox, dm_sandbox_free);
    }
    return sandbox;
}

// ---- its life

/** Set a limit that was @known: to @most, or to what this process itself may take if that is less.
 */
static void set_limit(const struct dm_sandbox *sandbox, enum __rlimit_resource kind, rlim_t most,
                      rlim_t *known) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    getrlimit(kind, &limit);
    limit.rlim_cur = MIN(most, limit.rlim_cur);
    if (limit.rlim_cur != *known && prlimit(sandbox->pid, kind, &limit, NULL) == 0) {
        *known = limit.rlim_cur;
    }
}

void dm_sandbox_limit(struct dm_sandbox *sandbox, const struct dm_sandbox_limits *limits) {
    struct timespec used = {0};
    clock_gettime(sandbox->clock, &used);
    rlim_t cpu_s = (rlim_t)(used.tv_sec + 1 + limits->cpu_s);
    set_limit(sandbox, RLIMIT_CPU, cpu_s, &sandbox->known.cpu_s);
    set_limit(sandbox, RLIMIT_AS, (rlim_t)limits->address_bytes, &sandbox->known.address_bytes);
    set_limit(sandbox, RLIMIT_FSIZE, (rlim_t)limits->file_bytes, &sandbox->known.file_bytes);
}

bool dm_sandbox_is_restless(const struct dm_sandbox *sandbox) {
    struct pollfd words = {.fd = sandbox->socket, .events = POLLIN};
    return poll(&words, 1, 0) != 0;
}

bool dm_sandbox_tell(struct dm_sandbox *sandbox, const void *bytes, size_t size, const int *fds,
                     size_t fd_count) {
    sandbox->told += fd_count > 0;
    return dm_datagram_send(sandbox->socket, bytes, size, fds, fd_count);
}

enum dm_heard dm_sandbox_hear(struct dm_sandbox *sandbox, int64_t deadline_us, char *ret_words,
                              size_t size, size_t *ret_size) {
    struct pollfd words = {.fd = sandbox->socket, .events = POLLIN};
    int ready;
    do {
        int64_t left_us = MAX(deadline_us - g_get_monotonic_time(), 0);
        struct timespec left = {left_us / G_USEC_PER_SEC, left_us % G_USEC_PER_SEC * 1000};
        ready = ppoll(&words, 1, &left, NULL);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        return DM_HEARD_NOTHING;
    }
    ssize_t got = ready > 0 ? dm_datagram_receive(sandbox->socket, ret_words, size, NULL) : 0;
    *ret_size = (size_t)MAX(got, 0);
    return got > 0                        ? DM_HEARD_WORDS
           : got < 0 && errno == EMSGSIZE ? DM_HEARD_NONSENSE
                                          : DM_HEARD_END;
}

int64_t dm_sandbox_most(struct dm_sandbox *sandbox, int64_t bytes) {
    sandbox->most = MAX(sandbox->most, bytes);
    return sandbox->most;
}

unsigned dm_sandbox_age(const struct dm_sandbox *sandbox) {
    return sandbox->told;
}
