// SPDX-License-Identifier: MIT
//
// Both fakes: see fake_job.h.
#include "tests/unit/watcher/support/fake_job.h"

#include "common/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- the worker

struct fake {
    int fd;
    GString *in;
    // Lines that were not answered (char *).
    GPtrArray *tasks;
};

static void fake_say(struct fake *fake, const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t n = write(fake->fd, text, length);
        if (n <= 0) {
            _exit(1);
        }
        text += n;
        length -= (size_t)n;
    }
}

static void fake_last_words(const char *cause, const struct dm_task *task) {
    g_autofree char *line = g_strdup_printf("crash %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                                            cause, task->id, task->attempt);
    if (write(STDERR_FILENO, line, strlen(line)) < 0) {
        _exit(1);
    }
}

/** Returns true the first time that it is asked for this input. */
static bool fake_first_time(const struct dm_task *task) {
    g_autofree char *name = g_strdup_printf("once-%" G_GINT64_FORMAT, task->id);
    g_autofree char *path = g_build_filename(task->output_root, name, NULL);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static void fake_crash(const struct dm_task *task) {
    fake_last_words("SIGSEGV", task);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void fake_crash_once(const struct dm_task *task) {
    if (fake_first_time(task)) {
        fake_crash(task);
    }
}

static void fake_timeout(const struct dm_task *task) {
    fake_last_words("TIMEOUT", task);
    _exit(1);
}

static void fake_kill(const struct dm_task *task) {
    (void)task;
    raise(SIGKILL);
}

static void fake_kill_once(const struct dm_task *task) {
    if (fake_first_time(task)) {
        raise(SIGKILL);
    }
}

static void fake_exit_once(const struct dm_task *task) {
    if (fake_first_time(task)) {
        _exit(3);
    }
}

/** In good order, though nobody has asked. */
static void fake_leave(const struct dm_task *task) {
    (void)task;
    _exit(0);
}

/** Hangs up, and lives on. */
static void fake_hang_up(const struct dm_task *task) {
    (void)task;
    for (int fd = STDERR_FILENO + 1; fd < 64; fd++) {
        shutdown(fd, SHUT_RDWR);
    }
    for (;;) {
        pause();
    }
}

static void fake_stop_once(const struct dm_task *task) {
    if (fake_first_time(task)) {
        raise(SIGSTOP);
    }
}

static void fake_kill_mpirun_once(const struct dm_task *task) {
    if (fake_first_time(task)) {
        kill(getppid(), SIGKILL);
        pause();
    }
}

/** What an input's name makes the worker do before it would answer. */
static const struct {
    const char *word;
    void (*act)(const struct dm_task *task);
} fake_deeds[] = {
    {"crash-me", fake_crash},      {"crash-once", fake_crash_once},
    {"timeout-me", fake_timeout},  {"kill-me", fake_kill},
    {"kill-once", fake_kill_once}, {"exit-once", fake_exit_once},
    {"leave-me", fake_leave},      {"hang-up", fake_hang_up},
    {"stop-once", fake_stop_once}, {"mpirun-once", fake_kill_mpirun_once},
};

static const struct {
    const char *word;
    enum dm_status status;
    enum dm_reason reason;
} fake_answers[] = {
    {"bad", DM_STATUS_FAILED, DM_REASON_DAMAGED},
    {"changed", DM_STATUS_CHANGED, DM_REASON_CHANGED},
    {"name-taken", DM_STATUS_BLOCKED, DM_REASON_NAME_TAKEN},
    {"blocked", DM_STATUS_BLOCKED, DM_REASON_CANNOT_WRITE},
};

static void fake_answer(struct fake *fake, const struct dm_task *task) {
    struct dm_result result = {.id = task->id,
                               .attempt = task->attempt,
                               .status = DM_STATUS_DONE,
                               .message = (char *)"",
                               .format = (char *)"jpeg",
                               .width_px = 4,
                               .height_px = 3,
                               .bytes = 100,
                               .elapsed_us = 1000,
                               .host = (char *)"fake"};
    for (size_t i = 0; i < G_N_ELEMENTS(fake_answers); i++) {
        bool once = fake_answers[i].reason == DM_REASON_NAME_TAKEN;
        if (strstr(task->input, fake_answers[i].word) != NULL && !(once && task->attempt > 1)) {
            result.status = fake_answers[i].status;
            result.reason = fake_answers[i].reason;
            result.message = (char *)"as its name says";
        }
    }
    if (strstr(task->input, "stray") != NULL) { // answers that nobody asked for
        struct dm_result stray = result;
        stray.id = 999999;
        g_autofree char *unknown = dm_result_line(&stray);
        fake_say(fake, unknown);
        stray.id = task->id;
        stray.attempt = task->attempt + 7;
        g_autofree char *other = dm_result_line(&stray);
        fake_say(fake, other);
    }
    g_autofree char *line = dm_result_line(&result);
    fake_say(fake, line);
}

static void fake_do(struct fake *fake, const char *line) {
    struct dm_task task = {0};
    if (!dm_task_parse(line, &task, NULL)) {
        _exit(9);
    }
    struct dm_event event = {(char *)"start", task.id, task.attempt, 0};
    g_autofree char *start = dm_event_line(&event);
    fake_say(fake, start);
    for (size_t i = 0; i < G_N_ELEMENTS(fake_deeds); i++) {
        if (strstr(task.input, fake_deeds[i].word) != NULL) {
            fake_deeds[i].act(&task);
        }
    }
    fake_answer(fake, &task);
    dm_task_clear(&task);
}

/** Answer one of the tasks, any. */
static void fake_do_one(struct fake *fake) {
    guint which = (guint)g_random_int_range(0, (int)fake->tasks->len);
    g_autofree char *line = g_strdup(fake->tasks->pdata[which]);
    g_ptr_array_remove_index_fast(fake->tasks, which);
    fake_do(fake, line);
}

static void fake_read(struct fake *fake) {
    char buffer[65536];
    ssize_t n = read(fake->fd, buffer, sizeof(buffer));
    if (n <= 0) {
        _exit(1); // the watcher is gone
    }
    g_string_append_len(fake->in, buffer, n);
    char *newline;
    while ((newline = strchr(fake->in->str, '\n')) != NULL) {
        *newline = '\0';
        if (strcmp(fake->in->str, "bye") == 0) {
            fake_say(fake, "bye\n");
            _exit(0);
        }
        g_ptr_array_add(fake->tasks, g_strdup(fake->in->str));
        g_string_erase(fake->in, 0, newline - fake->in->str + 1);
    }
}

static void fake_flood(void) {
    static const char line[] = "nothing to see here, just a library that likes to talk a lot\n";
    for (size_t i = 0; i < 1024 * 1024 / sizeof(line); i++) {
        if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0) {
            _exit(1);
        }
    }
}

static bool fake_is(const char *word) {
    const char *fake = getenv("DM_FAKE");
    return fake != NULL && strcmp(fake, word) == 0;
}

static void fake_hello(struct fake *fake, const char *threads) {
    struct dm_hello hello = {
        .version = fake_is("version") ? DM_WIRE_VERSION + 1 : DM_WIRE_VERSION,
        .program = (char *)"dropmill-worker 9.9.9",
        .pid = getpid(),
        .ranks = 1,
        .threads = strtol(threads, NULL, 10),
        .host = (char *)"fake",
    };
    g_autofree char *line = dm_hello_line(&hello);
    fake_say(fake, line);
}

static int fake_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static int fake_worker(const char *socket_path, const char *threads) {
    if (fake_is("exit")) {
        fputs("libfoo.so.7: cannot open shared object file\n", stderr);
        return 5;
    }
    prctl(PR_SET_PDEATHSIG, fake_is("survivor") ? 0 : SIGKILL);
    g_autofree char *dir = g_path_get_dirname(socket_path);
    g_autofree char *alive = g_build_filename(dir, "alive", NULL);
    int lock = open(alive, O_RDONLY | O_CLOEXEC);
    if (flock(lock, LOCK_SH | LOCK_NB) != 0) {
        return 6;
    }
    if (fake_is("silent")) {
        pause();
    }
    if (fake_is("flood")) {
        fake_flood();
    }
    struct fake fake = {fake_connect(socket_path), g_string_new(NULL),
                        g_ptr_array_new_with_free_func(g_free)};
    fake_hello(&fake, threads);
    for (;;) {
        struct pollfd in = {.fd = fake.fd, .events = POLLIN};
        if (poll(&in, 1, fake.tasks->len > 0 ? 0 : -1) > 0) {
            fake_read(&fake);
        } else if (fake.tasks->len > 0) {
            fake_do_one(&fake);
        }
    }
}

// ---- mpirun

static void fake_on_term(int number) {
    (void)number;
    _exit(1); // the worker goes with us
}

/** Start the worker in a process group of its own, say how it ended: as Open MPI does. */
static int fake_mpirun(char **worker) {
    signal(SIGTERM, fake_on_term);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTERM, SIG_DFL);
        execv(worker[0], worker);
        _exit(127);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr,
                "-----\nmpirun noticed that process rank 0 with PID 0 on node x exited on signal "
                "%d (%s).\n-----\n",
                WTERMSIG(status), strsignal(WTERMSIG(status)));
        return 128 + WTERMSIG(status);
    }
    if (WEXITSTATUS(status) != 0) {
        fprintf(stderr, "  Process name: [[1,1],0]\n  Exit code:    %d\n", WEXITSTATUS(status));
    }
    return WEXITSTATUS(status);
}

int fake_job_main(int argc, char **argv) {
    for (int i = 1; i + 3 < argc; i++) {
        if (strcmp(argv[i], "--session") != 0) {
            continue;
        }
        if (strcmp(argv[argc - 2], "--fake") == 0) {
            g_setenv("DM_FAKE", argv[argc - 1], TRUE);
        }
        return g_str_has_suffix(argv[0], "/mpirun") ? fake_mpirun(argv + i - 1)
                                                    : fake_worker(argv[i + 1], argv[i + 3]);
    }
    return -1;
}

char *fake_mpirun_path(const char *dir) {
    char *path = g_build_filename(dir, "mpirun", NULL);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    if (symlink(self, path) != 0) {
        g_error("cannot make '%s'", path);
    }
    return path;
}

char *fake_worker_path(void) {
    return g_file_read_link("/proc/self/exe", NULL);
}

// ---- what tests of a main loop need

static gboolean fake_tick(gpointer data) {
    (void)data;
    return G_SOURCE_CONTINUE;
}

bool fake_wait(bool (*done)(void *data), void *data, int seconds) {
    int64_t until = g_get_monotonic_time() + (int64_t)seconds * G_USEC_PER_SEC;
    guint tick = g_timeout_add(10, fake_tick, NULL); // so that `done` is asked now and then
    bool good;
    while (!(good = done(data)) && g_get_monotonic_time() < until) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(tick);
    return good;
}
