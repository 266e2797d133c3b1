// SPDX-License-Identifier: MIT
//
// A lane: one thread that does slow things (file I/O on one share) for a main loop that must not
// wait. The main loop pushes jobs; the lane's thread runs `work` of each in order; the main loop,
// woken by an eventfd, runs `done` of each finished one. A job has one owner at a time, so jobs
// need no locks. A hung NFS mount hangs its own lane only.
#ifndef DM_COMMON_LANE_H
#define DM_COMMON_LANE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_lane;

/** A step of a job: `work` runs on the lane's thread, `done` on the thread that dispatches. */
typedef void (*dm_lane_fn)(void *job);

/** Start a lane. @name: at most 15 bytes, shown by ps. Errors: DM_ERROR_SYSTEM. */
struct dm_lane *dm_lane_new(const char *name, GError **error);

/**
 * Do all that is queued (`work` and `done` of each job, and of those that a `done` pushes), then
 * end the thread. Waits for a hung file system as long as that takes. Accepts NULL.
 */
void dm_lane_free(struct dm_lane *lane);

/** Queue a job. @job passes to the lane until @done is called with it. */
void dm_lane_push(struct dm_lane *lane, dm_lane_fn work, dm_lane_fn done, void *job);

/** A descriptor that is readable while there are finished jobs. Owned by the lane. */
int dm_lane_fd(const struct dm_lane *lane);

/** Call `done` of every finished job. Returns how many. */
size_t dm_lane_dispatch(struct dm_lane *lane);

/** How many jobs are queued, running or finished and not yet dispatched. */
size_t dm_lane_load(const struct dm_lane *lane);

/** How many jobs were queued so far. */
int64_t dm_lane_trips(const struct dm_lane *lane);

#endif
