// SPDX-License-Identifier: MIT
//
// See program.h. The program's end is seen by a pidfd, and it is reaped only when its group has
// been killed: until then the number of the group is nobody else's.
#include "watcher/notices/program.h"

#include "common/error.h"
#include "common/escape.h"
#include "common/fsutil.h"
#include "watcher/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// What a program may say, all in all; it is read and forgotten but for its beginning.
#define MAX_OUTPUT_BYTES (1 << 20)
// So much of it is kept, for its first line.
#define KEPT_BYTES 512

// ---- may it be run?

static bool is_ours(const struct stat *status) {
    return status->st_uid == 0 || status->st_uid == geteuid();
}

static bool judge_file(const char *path, GError **error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG, "cannot run '%s': %s", path, g_strerror(errno));
    }
    if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG, "'%s' is no program that we may run", path);
    }
    if (!is_ours(&status)) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s' belongs to user %u, expected root or who runs it (user %u)", path,
                       (unsigned)status.st_uid, (unsigned)geteuid());
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s' may be written by others than its owner (mode %o), expected 755", path,
                       (unsigned)status.st_mode & 07777);
    }
    return true;
}

/** Judge @dir and all above it: who may write there can put another program in its place. */
static bool judge_dirs(const char *path, GError **error) {
    g_autofree char *dir = g_path_get_dirname(path);
    struct stat status;
    if (stat(dir, &status) != 0) {
        return dm_fail(error, DM_ERROR_CONFIG, "cannot look at '%s': %s", dir, g_strerror(errno));
    }
    bool is_open = (status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0;
    if (!is_ours(&status) || is_open) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "'%s' lies in '%s', where others may put another program in its place", path,
                       dir);
    }
    return strcmp(dir, "/") == 0 || judge_dirs(dir, error);
}

bool dm_program_judge(const char *path, GError **error) {
    if (!judge_file(path, error)) {
        return false;
    }
    g_autofree char *real = realpath(path, NULL); // behind links
    return judge_dirs(path, error) && (real == NULL || judge_dirs(real, error));
}

// ---- a run

struct run {
    const struct dm_program *program;
    pid_t pid;
    int pid_fd, output;
    int64_t end_us, output_bytes;
    GString *kept;
};

/** What the program reads: a file that is nowhere. Returns -1 with errno. */
static int input_of(const char *text) {
    int fd = memfd_create("dropmill-notice", MFD_CLOEXEC);
    if (fd >= 0 && (!dm_write_all(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) != 0)) {
        int errnum = errno;
        close(fd);
        errno = errnum;
        return -1;
    }
    return fd;
}

static bool start(struct run *run, const char *kind, const char *text, GError **error) {
    static const char *const more[] = {"HOME=", NULL};
    const char *const argv[] = {run->program->path, kind, NULL};
    g_auto(GStrv) env = dm_child_env((const char *const *)environ, more);
    struct dm_child child = {
        .argv = argv, .env = (const char *const *)env, .cwd = "/", .input = input_of(text)};
    if (child.input < 0) {
        return dm_fail_errno(error, errno, "cannot make what the program reads");
    }
    bool started = dm_program_judge(run->program->path, error) &&
                   dm_child_start(&child, &run->pid, &run->output, error);
    close(child.input);
    if (!started) {
        return false;
    }
    run->pid_fd = pidfd_open(run->pid, 0);
    return run->pid_fd >= 0 || dm_fail_errno(error, errno, "cannot watch the program");
}

/** Take what it says, and forget most of it. */
static void read_output(struct run *run) {
    char bytes[4096];
    ssize_t count = read(run->output, bytes, sizeof(bytes));
    if (count > 0) {
        gsize room = KEPT_BYTES - MIN(run->kept->len, KEPT_BYTES);
        g_string_append_len(run->kept, bytes, (gssize)MIN((gsize)count, room));
        run->output_bytes += count;
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(run->output);
        run->output = -1;
    }
}

/** NULL when it has ended by itself; else why it has to. */
static const char *wait_for_end(struct run *run) {
    for (;;) {
        int64_t left_us = run->end_us - g_get_monotonic_time();
        struct pollfd events[] = {
            {.fd = run->pid_fd, .events = POLLIN},
            {.fd = run->program->stop_fd, .events = POLLIN},
            {.fd = run->output, .events = POLLIN},
        };
        if (left_us <= 0) {
            return "it has not ended in time";
        }
        poll(events, G_N_ELEMENTS(events), (int)(left_us / 1000) + 1);
        if (run->output >= 0 && events[2].revents != 0) {
            read_output(run);
        }
        if (events[0].revents != 0) {
            return NULL;
        }
        if (events[1].revents != 0) {
            return "dropmilld was stopped";
        }
        if (run->output_bytes > MAX_OUTPUT_BYTES) {
            return "it has said over 1 MB";
        }
    }
}

/** What it has left behind ends with it. Returns the status of waitpid(). */
static int end_group(const struct run *run) {
    int wait_status = 0;
    kill(-run->pid, SIGKILL);
    while (waitpid(run->pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    return wait_status;
}

/** `: "its first line"`, or ""; (transfer full). */
static char *first_words(const struct run *run) {
    g_autofree char *line = g_strndup(run->kept->str, strcspn(run->kept->str, "\n"));
    g_autofree char *shown = dm_escape_for_people(g_strchomp(line));
    return *shown != '\0' ? g_strdup_printf(": \"%s\"", shown) : g_strdup("");
}

static enum dm_verdict finish(struct run *run, const char *killed, char **ret_why) {
    int wait_status = end_group(run);
    if (run->output >= 0) {
        read_output(run); // its last words
    }
    g_autofree char *words = first_words(run);
    if (killed != NULL) {
        *ret_why = g_strdup_printf("%s and was killed%s", killed, words);
        return DM_VERDICT_AGAIN;
    }
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) {
        return DM_VERDICT_DELIVERED;
    }
    g_autofree char *ending = dm_child_ending("it", wait_status);
    *ret_why = g_strdup_printf("%s%s", ending, words);
    return DM_VERDICT_AGAIN;
}

static bool is_readable(int fd) {
    struct pollfd event = {.fd = fd, .events = POLLIN};
    return poll(&event, 1, 0) > 0;
}

enum dm_verdict dm_program_run(const struct dm_program *program, const char *kind, const char *text,
                               char **ret_why) {
    g_autoptr(GError) error = NULL;
    struct run run = {.program = program,
                      .pid_fd = -1,
                      .output = -1,
                      .end_us = g_get_monotonic_time() + program->timeout_us,
                      .kept = g_string_new(NULL)};
    enum dm_verdict verdict = DM_VERDICT_AGAIN;
    if (start(&run, kind, text, &error)) {
        verdict = finish(&run, wait_for_end(&run), ret_why);
    } else {
        *ret_why = g_strdup(error->message);
        if (run.pid > 0) {
            end_group(&run);
        }
    }
    bool stopped = verdict != DM_VERDICT_DELIVERED && is_readable(program->stop_fd);
    if (run.pid_fd >= 0) {
        close(run.pid_fd);
    }
    if (run.output >= 0) {
        close(run.output);
    }
    g_string_free(run.kept, TRUE);
    return stopped ? DM_VERDICT_STOPPED : verdict;
}
