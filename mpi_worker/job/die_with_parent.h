// SPDX-License-Identifier: MIT
//
// What ties a rank to its job: it dies with mpirun, leaves no core file, and shows by a lock that
// it lives, so that the watcher knows when no rank of an old job can write any more.
#ifndef DM_MPI_WORKER_JOB_DIE_WITH_PARENT_H
#define DM_MPI_WORKER_JOB_DIE_WITH_PARENT_H

#include <glib.h>
#include <stdbool.h>

/**
 * Tie this process. Beside the socket at @socket_path (nullable) there may be a file `alive`: a
 * shared flock on it is held until this process is gone (on another host the file is absent, which
 * is fine). Errors: DM_ERROR_CANCELLED when the watcher has given this job up; DM_ERROR_SYSTEM.
 */
bool dm_die_with_parent(const char *socket_path, GError **error);

#endif
