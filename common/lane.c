// SPDX-License-Identifier: MIT
//
// A lane is a thread between two queues. See lane.h.
#include "common/lane.h"

#include "common/error.h"
#include "common/queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lane_job {
    dm_lane_fn work;
    dm_lane_fn done;
    void *data;
};

struct dm_lane {
    pthread_t thread;
    struct dm_queue *jobs;     // main loop -> thread
    struct dm_queue *finished; // thread -> main loop
    int event_fd;              // readable while `finished` may hold something
    size_t load;               // main loop only
    int64_t trips;             // main loop only
};

static void *run_lane(void *data) {
    struct dm_lane *lane = data;
    struct lane_job *job;
    while ((job = dm_queue_pop(lane->jobs)) != NULL) {
        job->work(job->data);
        dm_queue_push(lane->finished, job);
        const uint64_t one = 1;
        (void)!write(lane->event_fd, &one, sizeof(one));
    }
    return NULL;
}

/** Signals belong to the main loop: the thread starts with all of them blocked. */
static int start_thread(struct dm_lane *lane) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&lane->thread, NULL, run_lane, lane);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum;
}

static void free_parts(struct dm_lane *lane) {
    dm_queue_free(lane->jobs);
    dm_queue_free(lane->finished);
    if (lane->event_fd >= 0) {
        close(lane->event_fd);
    }
    g_free(lane);
}

struct dm_lane *dm_lane_new(const char *name, GError **error) {
    struct dm_lane *lane = g_new0(struct dm_lane, 1);
    lane->jobs = dm_queue_new();
    lane->finished = dm_queue_new();
    lane->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int errnum = lane->event_fd < 0 ? EMFILE : start_thread(lane);
    if (errnum != 0) {
        dm_fail_errno(error, errnum, "cannot start the thread '%s'", name);
        free_parts(lane);
        return NULL;
    }
    pthread_setname_np(lane->thread, name);
    return lane;
}

void dm_lane_free(struct dm_lane *lane) {
    if (lane == NULL) {
        return;
    }
    dm_queue_close(lane->jobs);
    pthread_join(lane->thread, NULL);
    while (dm_lane_dispatch(lane) > 0) {
        run_lane(lane); // what a done() pushed: the queue is closed, so this returns
    }
    free_parts(lane);
}

void dm_lane_push(struct dm_lane *lane, dm_lane_fn work, dm_lane_fn done, void *data) {
    struct lane_job *job = g_new(struct lane_job, 1);
    *job = (struct lane_job){.work = work, .done = done, .data = data};
    lane->load++;
    lane->trips++;
    dm_queue_push(lane->jobs, job);
}

int dm_lane_fd(const struct dm_lane *lane) {
    return lane->event_fd;
}

size_t dm_lane_dispatch(struct dm_lane *lane) {
    uint64_t count;
    (void)!read(lane->event_fd, &count, sizeof(count));
    size_t dispatched = 0;
    struct lane_job *job;
    while ((job = dm_queue_try_pop(lane->finished)) != NULL) {
        lane->load--;
        dispatched++;
        job->done(job->data);
        g_free(job);
    }
    return dispatched;
}

size_t dm_lane_load(const struct dm_lane *lane) {
    return lane->load;
}

int64_t dm_lane_trips(const struct dm_lane *lane) {
    return lane->trips;
}
