// SPDX-License-Identifier: MIT
//
// The pool with fake work: every task once, start before result, wake-ups only when asked for,
// deadlines found, and the last words of a thread that dies (in a child process).
#include "mpi_worker/job/pool.h"

#include "common/queue.h"
#include "mpi_worker/job/crash.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int threads_ended;

static void count_thread_end(void) {
    atomic_fetch_add(&threads_ended, 1);
}

static void fill_result(const struct dm_task *task, struct dm_result *ret) {
    ret->id = task->id;
    ret->attempt = task->attempt;
    ret->status = DM_STATUS_DONE;
    ret->message = g_strdup(task->chain);
    ret->format = g_strdup("jpeg");
}

static void run_at_once(void *data, const struct dm_task *task, struct dm_result *ret) {
    (void)data;
    fill_result(task, ret);
}

/** The strings of a puppet: a task says that it runs, then waits for a permit to end. */
struct strings {
    struct dm_queue *runs;
    struct dm_queue *permits;
};

static struct strings make_strings(void) {
    return (struct strings){.runs = dm_queue_new(), .permits = dm_queue_new()};
}

static void free_strings(struct strings *strings) {
    dm_queue_free(strings->runs);
    dm_queue_free(strings->permits);
}

static void permit(struct strings *strings) {
    dm_queue_push(strings->permits, strings);
}

static void run_on_permit(void *data, const struct dm_task *task, struct dm_result *ret) {
    struct strings *strings = data;
    dm_queue_push(strings->runs, strings);
    dm_queue_pop(strings->permits);
    fill_result(task, ret);
}

static void run_and_die(void *data, const struct dm_task *task, struct dm_result *ret) {
    (void)task;
    (void)ret;
    raise(*(int *)data);
}

/** Use up the stack: only a thread with a signal stack can say something after this. */
static int overflow(int depth) {
    volatile char here[4096];
    here[0] = (char)depth;
    return depth == 0 ? 0 : overflow(depth - 1) + here[0];
}

static void run_and_overflow(void *data, const struct dm_task *task, struct dm_result *ret) {
    (void)data;
    ret->id = task->id + overflow(INT_MAX);
}

static void push(struct dm_pool *pool, int64_t id, int64_t deadline_ms) {
    struct dm_task task = {
        .id = id, .attempt = 3, .chain = g_strdup("gray"), .deadline_ms = deadline_ms};
    dm_pool_push(pool, &task);
    g_assert_null(task.chain);
}

/** The next line of the pool: sleeps as the main thread would. */
static char *wait_line(struct dm_pool *pool) {
    for (;;) {
        char *line = dm_pool_take(pool);
        if (line != NULL) {
            return line;
        }
        if (!dm_pool_sleep(pool, DM_POOL_SLEEP)) {
            continue;
        }
        struct pollfd waker = {.fd = dm_pool_fd(pool), .events = POLLIN};
        g_assert_cmpint(poll(&waker, 1, 30000), ==, 1);
        dm_pool_awake(pool);
    }
}

static void test_every_task_once(void) {
    enum { TASKS = 5000 };
    struct dm_pool_work work = {.run = run_at_once, .thread_end = count_thread_end};
    struct dm_pool *pool = dm_pool_new(&work, 4, "host a", 7, NULL);
    atomic_store(&threads_ended, 0);
    bool started[TASKS + 1] = {false}, ended[TASKS + 1] = {false};
    for (int i = 1; i <= TASKS; i++) {
        push(pool, i, 0);
    }
    g_assert_cmpuint(dm_pool_load(pool), ==, TASKS);
    for (int i = 0; i < 2 * TASKS; i++) {
        char *line = wait_line(pool);
        struct dm_event event = {0};
        struct dm_result result = {0};
        if (dm_event_parse(line, &event, NULL)) {
            g_assert_cmpstr(event.kind, ==, "start");
            g_assert_cmpint(event.rank, ==, 7);
            g_assert_false(started[event.id]);
            started[event.id] = true;
        } else {
            g_assert_true(dm_result_parse(line, &result, NULL));
            g_assert_true(started[result.id] && !ended[result.id]);
            ended[result.id] = true;
            g_assert_cmpstr(result.host, ==, "host a");
            g_assert_cmpint(result.rank, ==, 7);
            g_assert_cmpint(result.attempt, ==, 3);
            g_assert_cmpstr(result.message, ==, "gray");
        }
        dm_event_clear(&event);
        dm_result_clear(&result);
        g_free(line);
    }
    g_assert_cmpuint(dm_pool_load(pool), ==, 0);
    g_assert_null(dm_pool_take(pool));
    dm_pool_free(pool);
    g_assert_cmpint(atomic_load(&threads_ended), ==, 4);
}

static void free_line(char *line, const char *verb) {
    g_assert_nonnull(line);
    g_assert_true(dm_line_has_verb(line, verb));
    g_free(line);
}

static bool rung(struct dm_pool *pool, int timeout_ms) {
    struct pollfd waker = {.fd = dm_pool_fd(pool), .events = POLLIN};
    return poll(&waker, 1, timeout_ms) == 1;
}

/** One thread, two tasks held back: a nap outlasts the first result, not the lack of work. */
static void test_wake_ups(void) {
    struct strings strings = make_strings();
    struct dm_pool_work work = {.run = run_on_permit, .data = &strings};
    struct dm_pool *pool = dm_pool_new(&work, 1, "h", 0, NULL);
    push(pool, 1, 0);
    push(pool, 2, 0);
    dm_queue_pop(strings.runs);
    g_assert_false(rung(pool, 0)); // awake: nobody rings
    free_line(dm_pool_take(pool), "event");

    g_assert_true(dm_pool_sleep(pool, DM_POOL_NAP));
    permit(&strings);
    dm_queue_pop(strings.runs); // the first has ended, the second begun: they let the nap last
    g_assert_false(rung(pool, 0));
    dm_pool_awake(pool);
    free_line(dm_pool_take(pool), "result");
    free_line(dm_pool_take(pool), "event");

    g_assert_true(dm_pool_sleep(pool, DM_POOL_NAP));
    permit(&strings);
    g_assert_true(rung(pool, 30000)); // out of work
    dm_pool_awake(pool);
    g_assert_false(rung(pool, 0));
    g_assert_false(dm_pool_sleep(pool, DM_POOL_SLEEP)); // a line waits
    free_line(dm_pool_take(pool), "result");

    g_assert_true(dm_pool_sleep(pool, DM_POOL_SLEEP));
    push(pool, 3, 0);
    g_assert_true(rung(pool, 30000)); // its start
    dm_pool_awake(pool);
    permit(&strings);
    free_line(wait_line(pool), "event");
    free_line(wait_line(pool), "result");
    dm_pool_free(pool);
    free_strings(&strings);
}

static void test_deadline(void) {
    struct strings strings = make_strings();
    struct dm_pool_work work = {.run = run_on_permit, .data = &strings};
    struct dm_pool *pool = dm_pool_new(&work, 2, "h", 0, NULL);
    int64_t id = 0, attempt = 0;
    int64_t later_us = g_get_monotonic_time() + INT64_C(3600) * G_USEC_PER_SEC;
    g_assert_false(dm_pool_overdue(pool, later_us, &id, &attempt));
    push(pool, 1, 0); // no deadline
    free_line(wait_line(pool), "event");
    g_assert_false(dm_pool_overdue(pool, later_us, &id, &attempt));
    push(pool, 2, 1000 * 1000);
    free_line(wait_line(pool), "event");
    g_assert_false(dm_pool_overdue(pool, g_get_monotonic_time(), &id, &attempt));
    g_assert_true(dm_pool_overdue(pool, later_us, &id, &attempt));
    g_assert_cmpint(id, ==, 2);
    g_assert_cmpint(attempt, ==, 3);
    permit(&strings);
    permit(&strings);
    free_line(wait_line(pool), "result");
    free_line(wait_line(pool), "result");
    g_assert_false(dm_pool_overdue(pool, later_us, &id, &attempt));
    dm_pool_free(pool);
    free_strings(&strings);
}

static void test_free_finishes_what_was_pushed(void) {
    struct dm_pool_work work = {.run = run_at_once, .thread_end = count_thread_end};
    struct dm_pool *pool = dm_pool_new(&work, 2, "h", 0, NULL);
    for (int i = 1; i <= 100; i++) {
        push(pool, i, 0);
    }
    dm_pool_free(pool); // and frees all lines, which the leak checker sees
    dm_pool_free(NULL);
}

/** In a child: run one task that dies of a signal; what it leaves on stderr and of what it died. */
static void check_last_words(const struct dm_pool_work *work, int number, const char *expected) {
    int fds[2];
    g_assert_cmpint(pipe(fds), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        dm_crash_install();
        struct dm_pool *pool = dm_pool_new(work, 2, "h", 0, NULL);
        push(pool, INT64_C(1234567890123), 0);
        for (;;) {
            pause();
        }
    }
    close(fds[1]);
    char line[300] = "";
    size_t length = 0;
    for (ssize_t n; (n = read(fds[0], line + length, sizeof(line) - 1 - length)) > 0;) {
        length += (size_t)n;
    }
    close(fds[0]);
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpstr(line, ==, expected);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, number);
}

static void test_last_words(void) {
    static const struct {
        int number;
        const char *line;
    } cases[] = {
        {SIGSEGV, "crash SIGSEGV 1234567890123 3\n"}, {SIGBUS, "crash SIGBUS 1234567890123 3\n"},
        {SIGABRT, "crash SIGABRT 1234567890123 3\n"}, {SIGFPE, "crash SIGFPE 1234567890123 3\n"},
        {SIGILL, "crash SIGILL 1234567890123 3\n"},   {SIGTERM, ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int number = cases[i].number;
        struct dm_pool_work work = {.run = run_and_die, .data = &number};
        check_last_words(&work, number, cases[i].line);
    }
}

static void test_last_words_after_stack_overflow(void) {
    struct dm_pool_work work = {.run = run_and_overflow};
    check_last_words(&work, SIGSEGV, "crash SIGSEGV 1234567890123 3\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/every-task-once", test_every_task_once);
    g_test_add_func("/pool/wake-ups", test_wake_ups);
    g_test_add_func("/pool/deadline", test_deadline);
    g_test_add_func("/pool/free-finishes-what-was-pushed", test_free_finishes_what_was_pushed);
    g_test_add_func("/pool/last-words", test_last_words);
    g_test_add_func("/pool/last-words-after-stack-overflow", test_last_words_after_stack_overflow);
    return g_test_run();
}
