// SPDX-License-Identifier: MIT
//
// A session: one MPI job from MPI_Init to MPI_Finalize, seen from one of its ranks. The only door
// to MPI; mpi.h is included in schedule.c and nowhere else. Every rank works (pool.h); rank 0 also
// talks to the watcher (feed.h) and decides who gets what (coordinator.h). The loop: essay in
// schedule.c.
//
// Messages. A message is text: whole lines of common/wire.h, unchanged, as many as were at hand.
//
//   tag      from -> to         holds
//   TASKS    rank 0 -> rank k   task lines, as the watcher wrote them
//   REPORTS  rank k -> rank 0   hello (first of all), then event and result lines
//   BYE      rank 0 -> rank k   nothing: all is answered, MPI_Finalize comes next
#ifndef DM_MPI_WORKER_SCHEDULE_H
#define DM_MPI_WORKER_SCHEDULE_H

#include "mpi_worker/pool.h"

struct dm_schedule_options {
    const char *socket_path; // the watcher's; used by rank 0
    int threads;             // of this rank; 0: the cores divided by the ranks on this node
    const char *remark;      // (nullable) for the administrator, in the hello
    struct dm_pool_work work;
};

/**
 * Take part in a session until the watcher says bye. Failures are logged, and end the whole job by
 * MPI_Abort with a sysexits(3) code: then it does not return.
 * Returns: the exit code for this process. Threads: main only, once.
 */
int dm_schedule_run(const struct dm_schedule_options *options);

#endif
