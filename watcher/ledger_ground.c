// SPDX-License-Identifier: MIT
//
// The ground under the ledger: see ledger_ground.h.
#include "watcher/ledger_ground.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/service_manager.h"
#include "watcher/share/descriptor.h"
#include "watcher/units.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

// More than a turn writes: 2,000 pages.
#define ROOM_BYTES INT64_C(8000000)
// What is tried to be written.
#define TRIED_BYTES 1000000
#define TRIED_FILE "room.tmp"
#define LOOK_US (G_USEC_PER_SEC / 2)
// After a failure; a disk that fails now and then does not make us begin all the time.
#define LEAST_US (5 * (int64_t)G_USEC_PER_SEC)

struct dm_ledger_ground {
    char *dir;
    // (nullable) Why it is bad.
    char *problem;
};

/** Of @dir, or of what is there in its place. */
static bool look(const char *dir, struct statvfs *ret) {
    g_autofree char *path = g_strdup(dir);
    while (statvfs(path, ret) != 0) {
        if (errno != ENOENT || strcmp(path, "/") == 0 || strcmp(path, ".") == 0) {
            return false;
        }
        char *parent = g_path_get_dirname(path);
        g_free(path);
        path = parent;
    }
    return ret->f_blocks > 0;
}

char *dm_ledger_ground_problem(const char *dir, bool is_bad) {
    struct statvfs found;
    if (!look(dir, &found)) {
        return NULL; // whoever writes will see
    }
    g_autofree char *shown = dm_path_display(dir);
    if (found.f_flag & ST_RDONLY) {
        return g_strdup_printf("cannot write in '%s': its file system is read-only", shown);
    }
    int64_t blocks = (int64_t)(geteuid() == 0 ? found.f_bfree : found.f_bavail);
    int64_t free_bytes = blocks * (int64_t)found.f_frsize;
    if (free_bytes >= ROOM_BYTES + (is_bad ? ROOM_BYTES / 2 : 0)) {
        return NULL;
    }
    g_autofree char *free_text = free_bytes < 1000000
                                     ? g_strdup("less than 1MB")
                                     : dm_format_bytes(free_bytes - free_bytes % 1000000);
    g_autofree char *room_text = dm_format_bytes(ROOM_BYTES + (is_bad ? ROOM_BYTES / 2 : 0));
    return g_strdup_printf("no space left in '%s': %s free there, expected at least %s", shown,
                           free_text, room_text);
}

/** Write a file there and remove it. */
static char *try_to_write(const char *dir) {
    g_autofree char *path = g_build_filename(dir, TRIED_FILE, NULL);
    g_autofree char *bytes = g_malloc0(TRIED_BYTES);
    DM_AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = fd >= 0;
    for (ssize_t sum = 0, more = 0; written && sum < TRIED_BYTES; sum += more) {
        more = write(fd, bytes + sum, (size_t)(TRIED_BYTES - sum));
        written = more > 0;
    }
    written = written && fsync(fd) == 0;
    int errnum = errno;
    unlink(path);
    g_autofree char *shown = dm_path_display(dir);
    return written ? NULL : g_strdup_printf("cannot write in '%s': %s", shown, g_strerror(errnum));
}

// ---- while it runs

struct dm_ledger_ground *dm_ledger_ground_new(const char *dir) {
    struct dm_ledger_ground *ground = g_new0(struct dm_ledger_ground, 1);
    ground->dir = g_strdup(dir);
    return ground;
}

void dm_ledger_ground_free(struct dm_ledger_ground *ground) {
    if (ground != NULL) {
        g_free(ground->dir);
        g_free(ground->problem);
        g_free(ground);
    }
}

/** Take in what was found (nullable, transfer full), and say it if it is new. */
static bool take(struct dm_ledger_ground *ground, char *problem) {
    bool was_bad = ground->problem != NULL;
    g_free(ground->problem);
    ground->problem = problem;
    if (problem != NULL && !was_bad) {
        dm_log_warning("the ledger: %s; nothing is done and nothing is lost until it can be "
                       "written",
                       problem);
    } else if (problem == NULL && was_bad) {
        dm_log_message("the ledger can be written again, work goes on");
    }
    return problem != NULL;
}

bool dm_ledger_ground_is_bad(void *data) {
    struct dm_ledger_ground *ground = data;
    return take(ground, dm_ledger_ground_problem(ground->dir, ground->problem != NULL));
}

const char *dm_ledger_ground_words(const struct dm_ledger_ground *ground) {
    return ground->problem != NULL ? ground->problem : "";
}

// ---- while it cannot

static char *waiting_words(void *data) {
    const struct dm_ledger_ground *ground = data;
    return g_strdup_printf("The ledger waits: %s", dm_ledger_ground_words(ground));
}

static bool is_bad_now(struct dm_ledger_ground *ground, bool failed) {
    char *problem = dm_ledger_ground_problem(ground->dir, ground->problem != NULL);
    if (problem == NULL && failed) {
        problem = try_to_write(ground->dir);
    }
    return take(ground, problem);
}

void dm_ledger_ground_await(const char *dir, bool failed) {
    struct dm_ledger_ground *ground = dm_ledger_ground_new(dir);
    int64_t start_us = g_get_monotonic_time();
    struct dm_service_manager *manager = NULL;
    while (is_bad_now(ground, failed) || (failed && g_get_monotonic_time() < start_us + LEAST_US)) {
        if (manager == NULL) { // it runs, and says what it waits for
            (void)signal(SIGTERM, SIG_DFL);
            (void)signal(SIGINT, SIG_DFL);
            manager = dm_service_manager_new(waiting_words, ground);
            dm_service_manager_ready(manager);
        }
        dm_service_manager_turn(manager, g_get_monotonic_time());
        g_usleep(LOOK_US);
    }
    dm_service_manager_free(manager, true);
    dm_ledger_ground_free(ground);
}
