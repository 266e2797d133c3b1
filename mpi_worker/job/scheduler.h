// SPDX-License-Identifier: MIT
//
// Which task goes to which rank next: rank 0's decision, pure (no MPI, no clock, no I/O). The rules
// are the essay at the top of scheduler.c. Next: coordinator.h (who asks), pace.h (how long it
// sleeps).
#ifndef DM_MPI_WORKER_JOB_SCHEDULER_H
#define DM_MPI_WORKER_JOB_SCHEDULER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_scheduler;

/** Make one for @rank_count ranks, none up yet. @free_item: for items never handed out. */
struct dm_scheduler *dm_scheduler_new(size_t rank_count, GDestroyNotify free_item);
void dm_scheduler_free(struct dm_scheduler *scheduler);

/** Rank @rank (below rank_count) is up with @threads (1 or more) pool threads. */
void dm_scheduler_rank_up(struct dm_scheduler *scheduler, size_t rank, int64_t threads);

/**
 * Take in a task. @folder: those that share a turn. @cost: estimated, any unit. @item (transfer
 * full): what next() gives out.
 */
void dm_scheduler_add(struct dm_scheduler *scheduler, const char *folder, int64_t id, int64_t cost,
                      void *item, int64_t now_us);

/** Choose a task (transfer full) and the rank that gets it. NULL: nothing may go out now. */
void *dm_scheduler_next(struct dm_scheduler *scheduler, size_t *ret_rank);

/**
 * A task that went to @rank has ended after @elapsed_us of a thread's time.
 * Returns false when that rank had no task.
 */
bool dm_scheduler_done(struct dm_scheduler *scheduler, size_t rank, int64_t elapsed_us);

/** How many tasks wait; how many are out, at all ranks or at one. */
size_t dm_scheduler_backlog(const struct dm_scheduler *scheduler);
size_t dm_scheduler_out(const struct dm_scheduler *scheduler);
size_t dm_scheduler_out_at(const struct dm_scheduler *scheduler, size_t rank);

#endif
