// SPDX-License-Identifier: MIT
//
// Waiting for ranks to die: see reaper.h. Ranks are in process groups of their own (mpirun puts
// each one there) and their ids are known to mpirun only, so those that stay are found by what they
// hold: a descriptor of our `alive` file, in /proc.
#include "watcher/engine/reaper.h"

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

struct dm_reaper {
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
static bool look(struct dm_reaper *reaper, int64_t now_us) {
    g_autofree char *alive = g_build_filename(reaper->dir, DM_REAPER_ALIVE, NULL);
    if (are_gone(alive)) {
        dm_remove_tree(reaper->dir);
        return true;
    }
    if (now_us - reaper->since_us < reaper->patience_us) {
        return false;
    }
    if (!reaper->killed) {
        kill_holders(alive);
        reaper->killed = true;
        reaper->since_us = now_us;
        return false;
    }
    dm_log_warning("worker processes of '%s' cannot be killed, will go on without waiting for them",
                   reaper->dir);
    return true;
}

static gboolean on_timer(gpointer data) {
    struct dm_reaper *reaper = data;
    if (!look(reaper, g_get_monotonic_time())) {
        return G_SOURCE_CONTINUE;
    }
    reaper->timer = 0;
    reaper->gone(reaper->data);
    return G_SOURCE_REMOVE;
}

struct dm_reaper *dm_reaper_new(const char *dir, int64_t patience_us, int64_t now_us,
                                void (*gone)(void *data), void *data) {
    struct dm_reaper *reaper = g_new(struct dm_reaper, 1);
    *reaper = (struct dm_reaper){
        .dir = g_strdup(dir),
        .patience_us = patience_us,
        .since_us = now_us,
        .gone = gone,
        .data = data,
    };
    reaper->timer = g_timeout_add(POLL_MS, on_timer, reaper);
    return reaper;
}

void dm_reaper_free(struct dm_reaper *reaper) {
    if (reaper == NULL) {
        return;
    }
    if (reaper->timer != 0) {
        g_source_remove(reaper->timer);
    }
    g_free(reaper->dir);
    g_free(reaper);
}

void dm_reaper_wait(const char *dir, int64_t patience_us) {
    struct dm_reaper reaper = {
        .dir = g_strdup(dir),
        .patience_us = patience_us,
        .since_us = g_get_monotonic_time(),
    };
    while (!look(&reaper, g_get_monotonic_time())) {
        poll(NULL, 0, 2);
    }
    g_free(reaper.dir);
}
