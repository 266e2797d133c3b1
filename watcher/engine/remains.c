// SPDX-License-Identifier: MIT
//
// Waiting for ranks to die: see remains.h. Ranks are in process groups of their own (mpirun puts
// each one there) and their ids are known to mpirun only, so those that stay are found by what they
// hold: a descriptor of our `alive` file, in /proc.
#include "watcher/engine/remains.h"

#include "common/fsutil.h"
#include "common/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { POLL_MS = 10 };

struct dm_remains {
    char *dir;
    int64_t patience_us;
    int64_t since_us;
    bool killed;
    guint timer;
    void (*gone)(void *data);
    void *data;
};

/** Say whether no rank holds the lock. */
static bool are_gone(const char *alive) {
    int fd = open(alive, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return true; // it never came to a start
    }
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    close(fd);
    return locked;
}

/** Say whether process @pid has the file @path open. Looks at names only: never touches a share. */
static bool holds(const char *pid, const char *path) {
    g_autofree char *fds = g_strdup_printf("/proc/%s/fd", pid);
    DIR *dir = opendir(fds);
    bool found = false;
    struct dirent *entry;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): our own stream
    while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
        char target[4096];
        ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));
        found = length > 0 && (size_t)length == strlen(path) &&
                memcmp(target, path, (size_t)length) == 0;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

static void kill_holders(const char *alive) {
    char *path = realpath(alive, NULL);
    DIR *proc = path != NULL ? opendir("/proc") : NULL;
    struct dirent *entry;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): our own stream
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != getpid() && holds(entry->d_name, path)) {
            dm_log_warning("worker process %d does not end with its job, killing it", (int)pid);
            kill(pid, SIGKILL);
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
    free(path);
}

/** One look. Returns true when there is nothing to wait for any more. */
static bool look(struct dm_remains *remains) {
    g_autofree char *alive = g_build_filename(remains->dir, DM_REMAINS_ALIVE, NULL);
    if (are_gone(alive)) {
        dm_remove_tree(remains->dir);
        return true;
    }
    if (g_get_monotonic_time() - remains->since_us < remains->patience_us) {
        return false;
    }
    if (!remains->killed) {
        kill_holders(alive);
        remains->killed = true;
        remains->since_us = g_get_monotonic_time();
        return false;
    }
    dm_log_warning("worker processes of '%s' cannot be killed, will go on without waiting for them",
                   remains->dir);
    return true;
}

static gboolean on_timer(gpointer data) {
    struct dm_remains *remains = data;
    if (!look(remains)) {
        return G_SOURCE_CONTINUE;
    }
    remains->timer = 0;
    remains->gone(remains->data);
    return G_SOURCE_REMOVE;
}

struct dm_remains *dm_remains_new(const char *dir, int64_t patience_us, void (*gone)(void *data),
                                  void *data) {
    struct dm_remains *remains = g_new(struct dm_remains, 1);
    *remains = (struct dm_remains){
        .dir = g_strdup(dir),
        .patience_us = patience_us,
        .since_us = g_get_monotonic_time(),
        .gone = gone,
        .data = data,
    };
    remains->timer = g_timeout_add(POLL_MS, on_timer, remains);
    return remains;
}

void dm_remains_free(struct dm_remains *remains) {
    if (remains == NULL) {
        return;
    }
    if (remains->timer != 0) {
        g_source_remove(remains->timer);
    }
    g_free(remains->dir);
    g_free(remains);
}

void dm_remains_clear(const char *dir, int64_t patience_us) {
    struct dm_remains remains = {
        .dir = g_strdup(dir),
        .patience_us = patience_us,
        .since_us = g_get_monotonic_time(),
    };
    while (!look(&remains)) {
        poll(NULL, 0, 2);
    }
    g_free(remains.dir);
}
