// SPDX-License-Identifier: MIT
//
// The threads of a rank: each takes a task, says so, does it whole, reports it. Talks with the
// rank's main thread by two queues; knows nothing of MPI or images (what is done is a function
// pointer). Next: task/task.h (what is done), rank.h (who pushes and takes).
#ifndef DM_MPI_WORKER_JOB_POOL_H
#define DM_MPI_WORKER_JOB_POOL_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the threads do. */
struct dm_pool_work {
    /** Do one task: fill @ret (zeroed; the pool fills in host and rank). Threads: any number. */
    void (*run)(void *data, const struct dm_task *task, struct dm_result *ret);
    /** (nullable) Called by each thread before it ends. */
    void (*thread_end)(void);
    /** (nullable) Wait until there can be work. Called before the job says hello. */
    bool (*ready)(void *data, GError **error);
    void *data;
};

/** How deep the main thread sleeps: what it wants to be woken for. */
enum dm_pool_sleep {
    DM_POOL_NAP,   // only if a thread finds no further task
    DM_POOL_SLEEP, // any line
};

struct dm_pool;

/**
 * Start @threads (1 or more) threads.
 *
 * @work  copied; its data must outlive the pool.
 * @host, @rank  for the lines.
 * Errors: DM_ERROR_SYSTEM.
 */
struct dm_pool *dm_pool_new(const struct dm_pool_work *work, int threads, const char *host,
                            int64_t rank, GError **error);

/** Let the threads finish all that was pushed, join them, drop lines not taken. Accepts NULL. */
void dm_pool_free(struct dm_pool *pool);

/** Queue a task; @task is emptied (transfer of its contents). Threads: main. */
void dm_pool_push(struct dm_pool *pool, struct dm_task *task);

/** Take the oldest line (event or result, with its LF) or NULL; (transfer full). Threads: main. */
char *dm_pool_take(struct dm_pool *pool);

/** How many tasks were pushed whose result was not yet taken. Threads: main. */
size_t dm_pool_load(const struct dm_pool *pool);

/** Readable while a thread wants the main thread awake. Owned by the pool. */
int dm_pool_fd(const struct dm_pool *pool);

/**
 * Announce sleep, then poll() on dm_pool_fd(), then dm_pool_awake(). Returns false, nothing
 * announced, when there are lines to take first. Threads: main.
 */
bool dm_pool_sleep(struct dm_pool *pool, enum dm_pool_sleep depth);
void dm_pool_awake(struct dm_pool *pool);

/** Find a thread that hangs in a task, long past its deadline at @now_us, monotonic. Threads: main.
 */
bool dm_pool_overdue(struct dm_pool *pool, int64_t now_us, int64_t *ret_id, int64_t *ret_attempt);

#endif
