// SPDX-License-Identifier: MIT
//
// The life of the page's worker:
//
//          asked          hello            idle           it has ended
//   DOWN ----------> STARTING ------> UP ---------> LEAVING ----------> DOWN
//                       | 10 s         | late          | 5 s
//                       +--------------+---------------+--> SIGKILL, then DOWN
//
// One task is out at a time: what waits here can be withdrawn, and a round trip costs 70 us. When
// it dies the task that was out is tried once more, by the next one; a second time, and the task
// has failed. One that dies before its hello would do so again: all that wait are told.
#include "watcher/page/alone.h"

#include "common/error.h"
#include "common/log.h"
#include "watcher/child.h"
#include "watcher/link.h"

#include <errno.h>
#include <glib-unix.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    START_MS = 10000,
    LEAVE_MS = 5000,
    SPARE_MS = 10000, // beyond two tries at a task
    TRIES = 2,
    NICE = 10,
    MOST_LINE = 1000,
};

enum state { DOWN, STARTING, UP, LEAVING };

/** A picture that somebody wants. */
struct ask {
    int64_t number;
    char *line; // of the wire
    guint late_ms;
    bool urgent;
    int tries;
    dm_alone_done done;
    void *data;
};

struct dm_alone {
    struct dm_alone_config config;
    enum state state;
    GQueue urgent, patient; // of struct ask, those who wait
    struct ask *out;        // the one that is being made, or NULL
    int64_t numbers;        // given so far
    pid_t pid;
    guint child_source, output_source, timer, refusal;
    int output_fd;
    GString *output; // the line that it has begun to write
    struct dm_link *link;
    struct dm_alone_status status; // the counts and the problem
};

static void pump(struct dm_alone *alone);

// ---- those who wait

static void ask_free(void *data) {
    struct ask *ask = data;
    g_free(ask->line);
    g_free(ask);
}

static GQueue *queue_of(struct dm_alone *alone, const struct ask *ask) {
    return ask->urgent ? &alone->urgent : &alone->patient;
}

static unsigned waiting(const struct dm_alone *alone) {
    return alone->urgent.length + alone->patient.length;
}

static struct ask *pop(struct dm_alone *alone) {
    struct ask *ask = g_queue_pop_head(&alone->urgent);
    return ask != NULL ? ask : g_queue_pop_head(&alone->patient);
}

/** Say that there will be no picture, for no fault of its own. */
static void refuse(struct ask *ask, enum dm_status status, enum dm_reason reason,
                   const char *message) {
    const struct dm_result result = {
        .id = ask->number, .status = status, .reason = reason, .message = message, .format = ""};
    ask->done(ask->data, &result);
    ask_free(ask);
}

static gboolean refuse_all(void *data) {
    struct dm_alone *alone = data;
    g_autofree char *problem = g_strdup(alone->status.problem);
    alone->refusal = 0;
    for (unsigned count = waiting(alone); count > 0; count--) { // not those who come meanwhile
        struct ask *ask = pop(alone);
        if (ask != NULL) {
            refuse(ask, DM_STATUS_BLOCKED, DM_REASON_INTERNAL, problem);
        }
    }
    return G_SOURCE_REMOVE;
}

/** Later: who asks is not called back from within. */
static void refuse_all_soon(struct dm_alone *alone) {
    if (alone->refusal == 0) {
        alone->refusal = g_idle_add(refuse_all, alone);
    }
}

// ---- the one timer

static void remove_source(guint *source) {
    if (*source != 0) {
        g_source_remove(*source);
        *source = 0;
    }
}

static void kill_it(struct dm_alone *alone, const char *why) {
    dm_log_info("the worker of the page is killed: %s", why);
    if (alone->pid > 0) {
        kill(-alone->pid, SIGKILL);
    }
}

static void arm(struct dm_alone *alone, guint ms);

static void leave(struct dm_alone *alone) {
    alone->state = LEAVING;
    dm_link_send(alone->link, "bye\n", strlen("bye\n"));
    arm(alone, LEAVE_MS);
}

static gboolean on_timer(void *data) {
    struct dm_alone *alone = data;
    alone->timer = 0;
    if (alone->state == UP && alone->out == NULL) {
        leave(alone);
    } else {
        kill_it(alone, alone->state == STARTING  ? "it did not say hello in time"
                       : alone->state == LEAVING ? "it did not end in time"
                                                 : "it did not answer in time");
    }
    return G_SOURCE_REMOVE;
}

static void arm(struct dm_alone *alone, guint ms) {
    remove_source(&alone->timer);
    alone->timer = g_timeout_add(ms, on_timer, alone);
}

// ---- what it says

static void on_hello(struct dm_alone *alone, const struct dm_hello *hello) {
    if (alone->state == STARTING) {
        alone->state = UP;
        alone->status.problem[0] = '\0';
        if (hello->remark != NULL && *hello->remark != '\0') {
            dm_log_warning("previews: %s", hello->remark);
        }
        pump(alone);
    }
}

static void on_result(struct dm_alone *alone, const struct dm_result *result) {
    struct ask *ask = alone->out;
    if (ask == NULL || result->id != ask->number) {
        return; // of no task that is out
    }
    alone->out = NULL;
    alone->status.made++;
    ask->done(ask->data, result);
    ask_free(ask);
    pump(alone);
}

static bool take_line(struct dm_alone *alone, const char *line, GError **error) {
    if (dm_line_has_verb(line, "hello")) {
        struct dm_hello hello = {0};
        if (!dm_hello_parse(line, &hello, error)) {
            return false;
        }
        on_hello(alone, &hello);
        dm_hello_clear(&hello);
    } else if (dm_line_has_verb(line, "result")) {
        struct dm_result result = {0};
        if (!dm_result_parse(line, &result, error)) {
            return false;
        }
        on_result(alone, &result);
        dm_result_clear(&result);
    }
    return true; // events and the bye say nothing new
}

static void on_line(void *data, const char *line) {
    struct dm_alone *alone = data;
    g_autoptr(GError) error = NULL;
    if (!take_line(alone, line, &error)) {
        kill_it(alone, error->message);
    }
}

static void on_heard(void *data, const char *lines, size_t length) {
    (void)data, (void)lines, (void)length;
}

static void on_closed(void *data, const char *why) {
    struct dm_alone *alone = data;
    if (alone->state == STARTING || alone->state == UP) { // else it ends, as it should
        kill_it(alone, *why != '\0' ? why : "it has closed the connection");
    }
}

/** Log whole lines; the last one may be why it died. */
static void take_output(struct dm_alone *alone, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n' && alone->output->len < MOST_LINE) {
            g_string_append_c(alone->output, bytes[i]);
        } else if (bytes[i] == '\n') {
            dm_log_info("the worker of the page: %s", alone->output->str);
            g_strlcpy(alone->status.problem, alone->output->str, sizeof(alone->status.problem));
            g_string_truncate(alone->output, 0);
        }
    }
}

/** Read once. Returns whether there was something. */
static bool read_output(struct dm_alone *alone, bool *ret_ended) {
    char bytes[4096];
    ssize_t got = read(alone->output_fd, bytes, sizeof(bytes));
    if (got > 0) {
        take_output(alone, bytes, (size_t)got);
    }
    *ret_ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    return got > 0;
}

static gboolean on_output(gint fd, GIOCondition condition, void *data) {
    (void)fd, (void)condition;
    struct dm_alone *alone = data;
    bool ended;
    read_output(alone, &ended);
    if (!ended) {
        return G_SOURCE_CONTINUE;
    }
    alone->output_source = 0;
    return G_SOURCE_REMOVE;
}

// ---- its end

/** The task that was out gets its second try, or none. */
static void take_back(struct dm_alone *alone) {
    struct ask *ask = alone->out;
    alone->out = NULL;
    if (ask == NULL) {
        return;
    }
    if (ask->tries < TRIES) {
        g_queue_push_head(queue_of(alone, ask), ask);
    } else {
        refuse(ask, DM_STATUS_FAILED, DM_REASON_WORKER_CRASH, "the worker died of it, twice");
    }
}

static void forget_process(struct dm_alone *alone) {
    remove_source(&alone->timer);
    remove_source(&alone->output_source);
    if (alone->output_fd >= 0) {
        close(alone->output_fd);
        alone->output_fd = -1;
    }
    g_string_truncate(alone->output, 0);
    dm_link_free(alone->link);
    alone->link = NULL;
    alone->pid = 0;
    alone->state = DOWN;
}

static void note_death(struct dm_alone *alone, bool greeted, int wait_status) {
    g_autofree char *how = dm_child_ending("the worker of the page", wait_status);
    alone->status.deaths++;
    if (*alone->status.problem == '\0' || greeted) {
        g_strlcpy(alone->status.problem, how, sizeof(alone->status.problem));
    }
    dm_log_warning("%s, %s", how,
                   greeted ? "will start another when it is needed" : "no picture is made");
}

static void on_child(GPid pid, gint status, void *data) {
    struct dm_alone *alone = data;
    g_spawn_close_pid(pid);
    alone->child_source = 0;
    alone->pid = 0;
    dm_link_drain(alone->link); // a result that it sent before it died counts
    for (bool ended = false; read_output(alone, &ended);) {
    }
    bool greeted = alone->state != STARTING;
    if (alone->state != LEAVING) {
        note_death(alone, greeted, status);
    }
    forget_process(alone);
    take_back(alone);
    if (greeted) {
        pump(alone);
    } else {
        refuse_all_soon(alone);
    }
}

// ---- its start

static char **command(const struct dm_alone *alone) {
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, g_strdup(alone->config.worker));
    g_ptr_array_add(argv, g_strdup("--alone"));
    g_ptr_array_add(argv, g_strdup("--threads=1"));
    g_ptr_array_add(argv, g_strdup_printf("--memory=%" PRId64, alone->config.memory_bytes));
    const char *const *more = alone->config.worker_args;
    for (; more != NULL && *more != NULL; more++) {
        g_ptr_array_add(argv, g_strdup(*more));
    }
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static char **environment(const struct dm_alone *alone) {
    char **env = dm_child_env((const char *const *)environ, NULL);
    env = g_environ_setenv(env, "TMPDIR", alone->config.dir, TRUE);
    return g_environ_setenv(env, "HOME", alone->config.dir, TRUE);
}

static bool spawn(struct dm_alone *alone, int its_end, GError **error) {
    g_auto(GStrv) argv = command(alone);
    g_auto(GStrv) env = environment(alone);
    const struct dm_child child = {.argv = (const char *const *)argv,
                                   .env = (const char *const *)env,
                                   .cwd = "/",
                                   .input = its_end,
                                   .nice = NICE};
    if (!dm_child_start(&child, &alone->pid, &alone->output_fd, error)) {
        return false;
    }
    alone->child_source = g_child_watch_add(alone->pid, on_child, alone);
    alone->output_source =
        g_unix_fd_add(alone->output_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, alone);
    return true;
}

static bool start(struct dm_alone *alone, GError **error) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return dm_fail_errno(error, errno, "cannot make a socket");
    }
    bool good = spawn(alone, ends[1], error);
    close(ends[1]);
    if (!good) {
        close(ends[0]);
        return false;
    }
    const struct dm_link_events events = {
        .heard = on_heard, .line = on_line, .closed = on_closed, .data = alone};
    alone->link = dm_link_over(ends[0], "the worker of the page", &events);
    alone->state = STARTING;
    alone->status.starts++;
    arm(alone, START_MS);
    return true;
}

static void start_or_refuse(struct dm_alone *alone) {
    g_autoptr(GError) error = NULL;
    if (alone->refusal == 0 && !start(alone, &error)) {
        dm_log_warning("%s, no picture is made", error->message);
        g_strlcpy(alone->status.problem, error->message, sizeof(alone->status.problem));
        refuse_all_soon(alone);
    }
}

static void send_next(struct dm_alone *alone) {
    alone->out = pop(alone);
    alone->out->tries++;
    dm_link_send(alone->link, alone->out->line, strlen(alone->out->line));
    arm(alone, alone->out->late_ms);
}

/** Do what can be done for those who wait. */
static void pump(struct dm_alone *alone) {
    bool wanted = waiting(alone) > 0;
    if (alone->state == DOWN && wanted) {
        start_or_refuse(alone);
    } else if (alone->state == UP && alone->out == NULL && wanted) {
        send_next(alone);
    } else if (alone->state == UP && alone->out == NULL) {
        arm(alone, (guint)(alone->config.idle_us / 1000));
    }
}

// ---- the doors

static int64_t ask(void *maker, const struct dm_task *task, bool urgent, dm_alone_done done,
                   void *data) {
    struct dm_alone *alone = maker;
    if (waiting(alone) >= alone->config.most_waiting) {
        return 0;
    }
    struct dm_task numbered = *task;
    numbered.id = ++alone->numbers;
    numbered.attempt = 1;
    struct ask *ask = g_new(struct ask, 1);
    *ask = (struct ask){.number = numbered.id,
                        .line = dm_task_line(&numbered),
                        .late_ms = (guint)(TRIES * task->deadline_ms) + SPARE_MS,
                        .urgent = urgent,
                        .done = done,
                        .data = data};
    g_queue_push_tail(queue_of(alone, ask), ask);
    pump(alone);
    return numbered.id;
}

static bool withdraw_from(GQueue *queue, int64_t number) {
    for (GList *link = queue->head; link != NULL; link = link->next) {
        struct ask *ask = link->data;
        if (ask->number == number) {
            g_queue_delete_link(queue, link);
            ask_free(ask);
            return true;
        }
    }
    return false;
}

static bool withdraw(void *maker, int64_t number) {
    struct dm_alone *alone = maker;
    return withdraw_from(&alone->urgent, number) || withdraw_from(&alone->patient, number);
}

struct dm_picture_maker dm_alone_maker(struct dm_alone *alone) {
    return (struct dm_picture_maker){.ask = ask, .withdraw = withdraw, .maker = alone};
}

struct dm_alone *dm_alone_new(const struct dm_alone_config *config) {
    struct dm_alone *alone = g_new0(struct dm_alone, 1);
    alone->config = *config;
    alone->output_fd = -1;
    alone->output = g_string_new(NULL);
    g_queue_init(&alone->urgent);
    g_queue_init(&alone->patient);
    return alone;
}

void dm_alone_free(struct dm_alone *alone) {
    if (alone == NULL) {
        return;
    }
    remove_source(&alone->refusal);
    remove_source(&alone->child_source);
    if (alone->pid > 0) {
        dm_child_stop(alone->pid);
    }
    forget_process(alone);
    if (alone->out != NULL) {
        ask_free(alone->out);
    }
    g_queue_clear_full(&alone->urgent, ask_free);
    g_queue_clear_full(&alone->patient, ask_free);
    g_string_free(alone->output, TRUE);
    g_free(alone);
}

void dm_alone_status(const struct dm_alone *alone, struct dm_alone_status *ret) {
    *ret = alone->status;
    ret->pid = alone->pid;
    ret->up = alone->state == UP;
    ret->waiting = waiting(alone);
}
