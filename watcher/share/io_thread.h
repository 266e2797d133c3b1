// SPDX-License-Identifier: MIT
//
// The I/O thread: one thread that does slow things (file I/O on one share) for a main loop that
// must not wait. The main loop pushes jobs; the thread runs `work` of each in order; the main loop,
// woken by an eventfd, runs `done` of each finished one. A job has one owner at a time, so jobs
// need no locks. A hung NFS mount hangs its own thread only.
#ifndef DM_WATCHER_SHARE_IO_THREAD_H
#define DM_WATCHER_SHARE_IO_THREAD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_io_thread;

/** A step of a job: `work` runs on the I/O thread, `done` on the one that dispatches. */
typedef void (*dm_io_fn)(void *job);

/** Start a thread. @name: at most 15 bytes, shown by ps. Errors: DM_ERROR_SYSTEM. */
struct dm_io_thread *dm_io_thread_new(const char *name, GError **error);

/**
 * Do all that is queued (`work` and `done` of each job, and of those that a `done` pushes), and
 * wait for it: at most @patience_us for one job that does not come to an end, a few times that for
 * all. Returns whether all was done. If not, its jobs stay the thread's, and nothing that they need
 * may be freed, nor the thread: the process should end.
 */
bool dm_io_thread_finish(struct dm_io_thread *thread, int64_t patience_us);

/** End the thread, whose jobs are finished (dm_io_thread_finish()). Accepts NULL. */
void dm_io_thread_free(struct dm_io_thread *thread);

/** For `work` of a job of many parts: one more is done. */
void dm_io_thread_progress(struct dm_io_thread *thread);

/** For how long the job that runs has come no further; 0: none runs. */
int64_t dm_io_thread_silent_us(const struct dm_io_thread *thread);

/** Queue a job. @job passes to the thread until @done is called with it. */
void dm_io_thread_push(struct dm_io_thread *thread, dm_io_fn work, dm_io_fn done, void *job);

/** A descriptor that is readable while there are finished jobs. Owned by the thread. */
int dm_io_thread_fd(const struct dm_io_thread *thread);

/** Call `done` of every finished job. Returns how many. */
size_t dm_io_thread_dispatch(struct dm_io_thread *thread);

/** How many jobs are queued, running or finished and not yet dispatched. */
size_t dm_io_thread_load(const struct dm_io_thread *thread);

#endif
