// SPDX-License-Identifier: MIT
//
// How much memory the tasks of one rank may use together, by estimate. Who asks waits in line, so a
// big task is not starved by small ones; one that wants more than there is runs alone.
#ifndef DM_MPI_WORKER_TASK_MEMORY_BUDGET_H
#define DM_MPI_WORKER_TASK_MEMORY_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct dm_memory_budget;

/** What to ask for in order to run alone, whatever the budget. */
#define DM_MEMORY_BUDGET_ALONE INT64_MAX

/** Make a budget of @bytes (more than 0). */
struct dm_memory_budget *dm_memory_budget_new(int64_t bytes);
void dm_memory_budget_free(struct dm_memory_budget *budget);

/**
 * Wait until @bytes are free, or all are, and take them. Returns what was taken, for
 * dm_memory_budget_release(). A thread holds at most one share at a time. Threads: any.
 */
int64_t dm_memory_budget_admit(struct dm_memory_budget *budget, int64_t bytes);

/** Give back what dm_memory_budget_admit() returned. Threads: any. */
void dm_memory_budget_release(struct dm_memory_budget *budget, int64_t bytes);

/**
 * Let a process at rest keep @bytes of what its tasks took, until dm_memory_budget_unkeep(). All
 * that rest may keep a quarter of the budget. False: this one must not. Threads: any.
 */
bool dm_memory_budget_keep(struct dm_memory_budget *budget, int64_t bytes);
void dm_memory_budget_unkeep(struct dm_memory_budget *budget, int64_t bytes);

#endif
