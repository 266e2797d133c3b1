// SPDX-License-Identifier: MIT
//
// Waking the main thread costs more than a small task's line is worth, so it is done only when the
// main thread said that it sleeps, and while it naps only when a thread is about to be without
// work. The protocol is the usual one of two flags: main announces, then looks at the queue; a
// thread pushes, then looks at the announcement; so at least one of them sees the other (both sides
// sequentially consistent).
#include "mpi_worker/job/pool.h"

#include "common/error.h"
#include "common/queue.h"
#include "mpi_worker/job/crash.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { AWAKE = -1 }; // besides enum dm_pool_sleep

// What a task does keeps its own deadline, and may try twice. A thread that is still at it after
// this many deadlines hangs itself, as in a share that does not answer.
enum { PATIENCE = 3 };

struct worker {
    struct dm_pool *pool;
    pthread_t thread;
    struct {
        pthread_mutex_t lock;
        int64_t id; // 0: waits for a task
        int64_t attempt;
        int64_t deadline_us; // monotonic
    } synced;
};

struct dm_pool {
    struct dm_pool_work work;
    char *host;
    int64_t rank;
    struct dm_queue *tasks; // of struct dm_task
    struct dm_queue *lines; // of char
    int wake_fd;
    atomic_int main_sleeps; // AWAKE or enum dm_pool_sleep
    struct worker *workers;
    int worker_count; // started
    size_t load;      // main thread's
};

static void ring(struct dm_pool *pool, bool out_of_work) {
    int depth = atomic_load(&pool->main_sleeps);
    if (depth == AWAKE || (depth == DM_POOL_NAP && !out_of_work)) {
        return;
    }
    if (atomic_exchange(&pool->main_sleeps, AWAKE) == AWAKE) {
        return;
    }
    uint64_t one = 1;
    ssize_t written;
    do {
        written = write(pool->wake_fd, &one, sizeof(one));
    } while (written < 0 && errno == EINTR);
}

static void set_current(struct worker *worker, const struct dm_task *task, int64_t now_us) {
    pthread_mutex_lock(&worker->synced.lock);
    worker->synced.id = task == NULL ? 0 : task->id;
    worker->synced.attempt = task == NULL ? 0 : task->attempt;
    worker->synced.deadline_us = INT64_MAX;
    if (task != NULL && task->deadline_ms > 0 &&
        task->deadline_ms < (INT64_MAX - now_us) / (1000 * PATIENCE)) {
        worker->synced.deadline_us = now_us + task->deadline_ms * 1000 * PATIENCE;
    }
    pthread_mutex_unlock(&worker->synced.lock);
    dm_crash_set_task(task == NULL ? 0 : task->id, task == NULL ? 0 : task->attempt);
}

static void announce_start(struct dm_pool *pool, const struct dm_task *task) {
    char kind[] = "start";
    struct dm_event event = {
        .kind = kind, .id = task->id, .attempt = task->attempt, .rank = pool->rank};
    dm_queue_push(pool->lines, dm_event_line(&event));
}

static void run_task(struct worker *worker, const struct dm_task *task) {
    struct dm_pool *pool = worker->pool;
    set_current(worker, task, g_get_monotonic_time());
    announce_start(pool, task);
    ring(pool, false);
    struct dm_result result = {0};
    pool->work.run(pool->work.data, task, &result);
    set_current(worker, NULL, 0);
    dm_record_take(&result.host, g_strdup(pool->host));
    result.rank = pool->rank;
    dm_queue_push(pool->lines, dm_result_line(&result));
    dm_result_clear(&result);
}

/** The next task; rings only if there is none at hand, since the start of one rings anyway. */
static struct dm_task *next_task(struct dm_pool *pool) {
    struct dm_task *task = dm_queue_try_pop(pool->tasks);
    if (task != NULL) {
        return task;
    }
    ring(pool, true);
    return dm_queue_pop(pool->tasks);
}

static void *worker_main(void *data) {
    struct worker *worker = data;
    struct dm_pool *pool = worker->pool;
    dm_crash_thread_begin();
    for (struct dm_task *task = next_task(pool); task != NULL; task = next_task(pool)) {
        run_task(worker, task);
        dm_task_clear(task);
        g_free(task);
    }
    if (pool->work.thread_end != NULL) {
        pool->work.thread_end();
    }
    dm_crash_thread_end();
    return NULL;
}

static bool start_worker(struct dm_pool *pool, struct worker *worker, GError **error) {
    worker->pool = pool;
    worker->synced.deadline_us = INT64_MAX;
    pthread_mutex_init(&worker->synced.lock, NULL);
    int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (failed != 0) {
        pthread_mutex_destroy(&worker->synced.lock);
        return dm_fail_errno(error, failed, "cannot start pool thread %d", pool->worker_count + 1);
    }
    char name[16];
    g_snprintf(name, sizeof(name), "dm-pool-%d", pool->worker_count);
    pthread_setname_np(worker->thread, name);
    pool->worker_count++;
    return true;
}

struct dm_pool *dm_pool_new(const struct dm_pool_work *work, int threads, const char *host,
                            int64_t rank, GError **error) {
    g_assert(threads > 0);
    struct dm_pool *pool = g_new0(struct dm_pool, 1);
    pool->work = *work;
    pool->host = g_strdup(host);
    pool->rank = rank;
    pool->tasks = dm_queue_new();
    pool->lines = dm_queue_new();
    pool->workers = g_new0(struct worker, (size_t)threads);
    atomic_init(&pool->main_sleeps, AWAKE);
    pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pool->wake_fd < 0) {
        dm_fail_errno(error, errno, "cannot make an eventfd for the pool");
        goto failed;
    }
    for (int i = 0; i < threads; i++) {
        if (!start_worker(pool, &pool->workers[i], error)) {
            goto failed;
        }
    }
    return pool;
failed:
    dm_pool_free(pool);
    return NULL;
}

void dm_pool_free(struct dm_pool *pool) {
    if (pool == NULL) {
        return;
    }
    dm_queue_close(pool->tasks);
    for (int i = 0; i < pool->worker_count; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        pthread_mutex_destroy(&pool->workers[i].synced.lock);
    }
    for (char *line = dm_queue_try_pop(pool->lines); line != NULL;
         line = dm_queue_try_pop(pool->lines)) {
        g_free(line);
    }
    dm_queue_free(pool->tasks);
    dm_queue_free(pool->lines);
    if (pool->wake_fd >= 0) {
        close(pool->wake_fd);
    }
    g_free(pool->workers);
    g_free(pool->host);
    g_free(pool);
}

void dm_pool_push(struct dm_pool *pool, struct dm_task *task) {
    struct dm_task *own = g_new(struct dm_task, 1);
    *own = *task;
    *task = (struct dm_task){0};
    pool->load++;
    dm_queue_push(pool->tasks, own);
}

char *dm_pool_take(struct dm_pool *pool) {
    char *line = dm_queue_try_pop(pool->lines);
    if (line != NULL && dm_line_has_verb(line, "result")) {
        pool->load--;
    }
    return line;
}

size_t dm_pool_load(const struct dm_pool *pool) {
    return pool->load;
}

int dm_pool_fd(const struct dm_pool *pool) {
    return pool->wake_fd;
}

bool dm_pool_sleep(struct dm_pool *pool, enum dm_pool_sleep depth) {
    atomic_store(&pool->main_sleeps, (int)depth);
    if (dm_queue_length(pool->lines) == 0) {
        return true;
    }
    dm_pool_awake(pool);
    return false;
}

void dm_pool_awake(struct dm_pool *pool) {
    atomic_store(&pool->main_sleeps, AWAKE);
    // A thread that has seen the announcement may write only after this: the next sleep then ends
    // at once, which is harmless.
    uint64_t count;
    ssize_t got;
    do {
        got = read(pool->wake_fd, &count, sizeof(count));
    } while (got < 0 && errno == EINTR);
}

static bool worker_overdue(struct worker *worker, int64_t now_us, int64_t *ret_id,
                           int64_t *ret_attempt) {
    pthread_mutex_lock(&worker->synced.lock);
    bool overdue = worker->synced.id != 0 && now_us > worker->synced.deadline_us;
    if (overdue) {
        *ret_id = worker->synced.id;
        *ret_attempt = worker->synced.attempt;
    }
    pthread_mutex_unlock(&worker->synced.lock);
    return overdue;
}

bool dm_pool_overdue(struct dm_pool *pool, int64_t now_us, int64_t *ret_id, int64_t *ret_attempt) {
    for (int i = 0; i < pool->worker_count; i++) {
        if (worker_overdue(&pool->workers[i], now_us, ret_id, ret_attempt)) {
            return true;
        }
    }
    return false;
}
