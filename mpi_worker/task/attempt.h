// SPDX-License-Identifier: MIT
//
// One task's picture, made in a sandbox and, should that fail for a reason that may not be the
// picture's, once more in a new one. Next: sandbox.h, claim.h, allowance.h; task.c (who asks).
#ifndef DM_MPI_WORKER_TASK_ATTEMPT_H
#define DM_MPI_WORKER_TASK_ATTEMPT_H

#include "common/wire.h"
#include "mpi_worker/task/files.h"
#include "mpi_worker/task/memory_budget.h"
#include "mpi_worker/task/sandbox.h"
#include "mpi_worker/task/zygote.h"

#include <stdbool.h>
#include <stdint.h>

/** What all threads of a rank share. */
struct dm_workshop {
    struct dm_zygote *zygote;
    struct dm_memory_budget *budget;
    // Of the budget.
    int64_t memory_bytes;
    // A sandbox that has made so many is replaced.
    unsigned sandbox_pictures;
    int cores;
};

/** One task to make a picture for; all of it is borrowed. */
struct dm_attempt {
    const struct dm_task *task;
    const struct dm_original *original;
    const struct dm_temp *temp;
    struct dm_result *ret;
};

/**
 * Make the picture. @sandbox: the calling thread's own, NULL if it has none; kept for the next task
 * as long as nothing speaks against it. True: the verdict in attempt->ret is DONE, and the
 * temporary is what it says, synced if the task wants it. Threads: any, each with a sandbox of its
 * own.
 */
bool dm_attempt_make(const struct dm_workshop *workshop, const struct dm_attempt *attempt,
                     struct dm_sandbox **sandbox);

#endif
