// SPDX-License-Identifier: MIT
//
// How long a rank's main thread sleeps between two turns: pure. MPI has no descriptor to wait on,
// so messages are looked for at intervals; everything else (the pool, the watcher) wakes the
// thread. Next: rank.c (the loop).
#ifndef DM_MPI_WORKER_JOB_PACE_H
#define DM_MPI_WORKER_JOB_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define DM_PACE_FOREVER INT64_C(-1)

// Running tasks are looked at for their deadline this often.
#define DM_PACE_CHECK_US INT64_C(100000)

/** What the turn that just ended found. */
struct dm_pace_view {
    // Something was done: there may be more.
    bool worked;
    // A message is on its way and needs us to move.
    bool moving;
    // Tasks are in this rank's pool; at rank 0: in any rank's.
    bool busy;
    // The job has no other rank, so no message can come.
    bool alone;
    // Rank 0: nobody writes to it unless it handed out work.
    bool coordinator;
};

/** A rank's rhythm; all zero at first. */
struct dm_pace {
    // Since the last turn that did something.
    bool napped;
    // How long the last idle sleep was.
    int64_t idle_us;
};

/**
 * Say how long to sleep, in us; 0: not at all, DM_PACE_FOREVER: until woken.
 *
 * @ret_nap  a short sleep that lets results gather: the pool wakes us only if it has run out of
 * work.
 */
int64_t dm_pace_next(struct dm_pace *pace, const struct dm_pace_view *view, bool *ret_nap);

#endif
