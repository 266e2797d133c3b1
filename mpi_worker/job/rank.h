// SPDX-License-Identifier: MIT
//
// One rank of a job, from its first hello to the bye. Every rank works (pool.h); rank 0 also talks
// to the watcher (line_socket.h) and decides who gets what (coordinator.h). Ranks talk by
// transport.h. The loop: essay in rank.c.
#ifndef DM_MPI_WORKER_JOB_RANK_H
#define DM_MPI_WORKER_JOB_RANK_H

#include "mpi_worker/job/pool.h"

struct dm_transport;

/** What a rank is told; all of it is borrowed. */
struct dm_rank_options {
    // The watcher's; used by rank 0. NULL: this process is the whole job, without MPI, and its
    // standard input is a socket to who feeds it.
    const char *socket_path;
    // Of this rank; 0: the cores divided by the ranks on this node.
    int threads;
    // (nullable) For the administrator, in the hello.
    const char *remark;
    struct dm_pool_work work;
};

/**
 * Be a rank of the job that mpirun started, or the job itself, until the watcher says bye. Failures
 * are logged, and end the whole job with a sysexits(3) code: then it does not return.
 * Returns: the exit code for this process. Threads: main only, once.
 */
int dm_rank_main(const struct dm_rank_options *options);

/** The part of that between the making and the end of @transport: take turns over @transport until
 * the bye. */
void dm_rank_run(const struct dm_rank_options *options, struct dm_transport *transport);

/** Which MPI the ranks of a job talk by, as in "Open MPI v4.1.4"; (transfer full). */
char *dm_rank_mpi(void);

#endif
