// SPDX-License-Identifier: MIT
//
// The I/O thread stands between two queues. See io_thread.h.
#include "watcher/share/io_thread.h"

#include "common/error.h"
#include "common/queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

// A thread that ends its job is heard at once; how often one is looked at that does not.
#define LOOK_MS 50

struct io_job {
    dm_io_fn work;
    dm_io_fn done;
    void *data;
};

struct dm_io_thread {
    pthread_t thread;
    // Main loop -> thread.
    struct dm_queue *jobs;
    // Thread -> main loop.
    struct dm_queue *finished;
    // Readable while `finished` may hold something.
    int event_fd;
    // Main loop only.
    size_t load;
    // When the job that runs began, or made progress (monotonic); 0: none runs.
    _Atomic int64_t progress_us;
};

void dm_io_thread_progress(struct dm_io_thread *thread) {
    atomic_store(&thread->progress_us, g_get_monotonic_time());
}

int64_t dm_io_thread_silent_us(const struct dm_io_thread *thread) {
    int64_t progress_us = atomic_load(&thread->progress_us);
    return progress_us != 0 ? MAX(g_get_monotonic_time() - progress_us, 0) : 0;
}

static void *run(void *data) {
    struct dm_io_thread *thread = data;
    struct io_job *job;
    while ((job = dm_queue_pop(thread->jobs)) != NULL) {
        dm_io_thread_progress(thread);
        job->work(job->data);
        atomic_store(&thread->progress_us, 0);
        dm_queue_push(thread->finished, job);
        const uint64_t one = 1;
        (void)!write(thread->event_fd, &one, sizeof(one));
    }
    return NULL;
}

/** Signals belong to the main loop: the thread starts with all of them blocked. */
static int start_thread(struct dm_io_thread *thread) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&thread->thread, NULL, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum;
}

static void free_parts(struct dm_io_thread *thread) {
    dm_queue_free(thread->jobs);
    dm_queue_free(thread->finished);
    if (thread->event_fd >= 0) {
        close(thread->event_fd);
    }
    g_free(thread);
}

struct dm_io_thread *dm_io_thread_new(const char *name, GError **error) {
    struct dm_io_thread *thread = g_new0(struct dm_io_thread, 1);
    thread->jobs = dm_queue_new();
    thread->finished = dm_queue_new();
    thread->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int errnum = thread->event_fd < 0 ? EMFILE : start_thread(thread);
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "cannot start the thread '%s'", name);
        free_parts(thread);
        return NULL;
    }
    pthread_setname_np(thread->thread, name);
    return thread;
}

bool dm_io_thread_finish(struct dm_io_thread *thread, int64_t patience_us) {
    int64_t start_us = g_get_monotonic_time();
    while (thread->load > 0) {
        int64_t waited_us = g_get_monotonic_time() - start_us;
        int64_t silent_us = MIN(dm_io_thread_silent_us(thread), waited_us);
        if (silent_us > patience_us || waited_us > 4 * patience_us) {
            return false;
        }
        struct pollfd event = {.fd = thread->event_fd, .events = POLLIN};
        poll(&event, 1, LOOK_MS);
        dm_io_thread_dispatch(thread);
    }
    return true;
}

void dm_io_thread_free(struct dm_io_thread *thread) {
    if (thread == NULL) {
        return;
    }
    g_assert(thread->load == 0);
    dm_queue_close(thread->jobs);
    pthread_join(thread->thread, NULL);
    free_parts(thread);
}

void dm_io_thread_push(struct dm_io_thread *thread, dm_io_fn work, dm_io_fn done, void *data) {
    struct io_job *job = g_new(struct io_job, 1);
    *job = (struct io_job){.work = work, .done = done, .data = data};
    thread->load++;
    dm_queue_push(thread->jobs, job);
}

int dm_io_thread_fd(const struct dm_io_thread *thread) {
    return thread->event_fd;
}

size_t dm_io_thread_dispatch(struct dm_io_thread *thread) {
    uint64_t count;
    (void)!read(thread->event_fd, &count, sizeof(count));
    size_t dispatched = 0;
    struct io_job *job;
    while ((job = dm_queue_try_pop(thread->finished)) != NULL) {
        thread->load--;
        dispatched++;
        job->done(job->data);
        g_free(job);
    }
    return dispatched;
}

size_t dm_io_thread_load(const struct dm_io_thread *thread) {
    return thread->load;
}
