// SPDX-License-Identifier: MIT
//
// The I/O thread and its queues: order, hand-back on the dispatching thread, nothing lost at the
// end.
#include "common/queue.h"
#include "watcher/share/io_thread.h"

#include <glib.h>
#include <poll.h>
#include <unistd.h>

enum { JOBS = 1000 };

struct job {
    int number;
    bool worked;
    GArray *order; // of numbers, as they were done
    GThread *home;
    struct dm_io_thread *thread;
    struct job *follower;
};

static void work(void *data) {
    struct job *job = data;
    g_assert_true(g_thread_self() != job->home);
    job->worked = true;
}

static void done(void *data) {
    struct job *job = data;
    g_assert_true(g_thread_self() == job->home);
    g_assert_true(job->worked);
    g_array_append_val(job->order, job->number);
    if (job->follower != NULL) {
        dm_io_thread_push(job->thread, work, done, job->follower);
    }
}

static void dispatch_until(struct dm_io_thread *thread, const GArray *order, guint count) {
    int64_t deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    while (order->len < count) {
        struct pollfd fd = {.fd = dm_io_thread_fd(thread), .events = POLLIN};
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        poll(&fd, 1, 100);
        dm_io_thread_dispatch(thread);
    }
}

static void test_order(void) {
    struct dm_io_thread *thread = dm_io_thread_new("test", NULL);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(int));
    struct job *jobs = g_new0(struct job, JOBS);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.number = i, .order = order, .home = g_thread_self()};
        dm_io_thread_push(thread, work, done, &jobs[i]);
    }
    g_assert_cmpuint(dm_io_thread_load(thread), ==, JOBS);
    dispatch_until(thread, order, JOBS);
    g_assert_cmpuint(dm_io_thread_load(thread), ==, 0);
    for (int i = 0; i < JOBS; i++) {
        g_assert_cmpint(g_array_index(order, int, i), ==, i);
    }
    dm_io_thread_free(thread);
    g_free(jobs);
}

static void work_anywhere(void *data) {
    ((struct job *)data)->worked = true;
}

static void done_and_follow(void *data) {
    struct job *job = data;
    g_assert_true(job->worked);
    g_array_append_val(job->order, job->number);
    if (job->follower != NULL) {
        dm_io_thread_push(job->thread, work_anywhere, done_and_follow, job->follower);
    }
}

static void test_free_finishes(void) {
    struct dm_io_thread *thread = dm_io_thread_new("test", NULL);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(int));
    struct job second = {.number = 2, .order = order, .thread = thread};
    struct job first = {.number = 1, .order = order, .thread = thread, .follower = &second};
    dm_io_thread_push(thread, work_anywhere, done_and_follow, &first);
    g_assert_true(dm_io_thread_finish(thread, 10 * G_USEC_PER_SEC));
    dm_io_thread_free(thread);
    g_assert_cmpuint(order->len, ==, 2);
    dm_io_thread_free(NULL);
}

static void *count_items(void *data) {
    struct dm_queue *queue = data;
    intptr_t count = 0;
    while (dm_queue_pop(queue) != NULL) {
        count++;
    }
    return (void *)count;
}

static void test_queue(void) {
    struct dm_queue *queue = dm_queue_new();
    int item = 0;
    g_assert_null(dm_queue_try_pop(queue));
    GThread *readers[2] = {g_thread_new("a", count_items, queue),
                           g_thread_new("b", count_items, queue)};
    for (int i = 0; i < JOBS; i++) {
        dm_queue_push(queue, &item);
    }
    dm_queue_close(queue);
    intptr_t sum = (intptr_t)g_thread_join(readers[0]) + (intptr_t)g_thread_join(readers[1]);
    g_assert_cmpint(sum, ==, JOBS);
    g_assert_null(dm_queue_pop(queue));
    dm_queue_free(queue);
}

/** A job that hangs until somebody writes into a pipe. */
struct hang {
    int fds[2];
    bool done;
};

static void work_hangs(void *data) {
    struct hang *hang = data;
    char byte;
    g_assert_cmpint(read(hang->fds[0], &byte, 1), ==, 1);
}

static void done_hangs(void *data) {
    ((struct hang *)data)->done = true;
}

static void test_hang(void) {
    struct dm_io_thread *thread = dm_io_thread_new("test", NULL);
    struct hang hang = {0};
    g_assert_cmpint(pipe(hang.fds), ==, 0);
    g_assert_cmpint(dm_io_thread_silent_us(thread), ==, 0);
    dm_io_thread_push(thread, work_hangs, done_hangs, &hang);
    int64_t start_us = g_get_monotonic_time();
    g_assert_false(dm_io_thread_finish(thread, 100000));
    g_assert_cmpint(g_get_monotonic_time() - start_us, >=, 100000);
    g_assert_cmpint(dm_io_thread_silent_us(thread), >=, 100000);
    g_assert_cmpint(write(hang.fds[1], "", 1), ==, 1);
    g_assert_true(dm_io_thread_finish(thread, 10 * G_USEC_PER_SEC));
    g_assert_true(hang.done);
    g_assert_cmpint(dm_io_thread_silent_us(thread), ==, 0);
    dm_io_thread_free(thread);
    close(hang.fds[0]);
    close(hang.fds[1]);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/thread/order", test_order);
    g_test_add_func("/thread/free-finishes", test_free_finishes);
    g_test_add_func("/queue/two-readers", test_queue);
    g_test_add_func("/io-thread/hang", test_hang);
    return g_test_run();
}
