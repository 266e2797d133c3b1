// SPDX-License-Identifier: MIT
//
// Where sandboxes come from: a process that was forked before this one had threads, MPI or a
// picture to read, set up once, and makes copies of itself. What is in it is all that a sandbox can
// know. Next: inside.h (what a copy does), sandbox.h (one of them, seen from outside).
#ifndef DM_MPI_WORKER_TASK_ZYGOTE_H
#define DM_MPI_WORKER_TASK_ZYGOTE_H

#include "mpi_worker/task/inside.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct dm_zygote;

/**
 * Fork it. It sets itself up, while the caller does something else, and dies with this process.
 * Errors: DM_ERROR_SYSTEM. Threads: main, while there is no other.
 */
struct dm_zygote *dm_zygote_start(const struct dm_inside_settings *settings, GError **error);

/** Wait until it is set up. Errors: DM_ERROR_SYSTEM: it cannot be. Threads: any. */
bool dm_zygote_ready(struct dm_zygote *zygote, GError **error);

/** End it; its sandboxes go on. Accepts NULL. */
void dm_zygote_free(struct dm_zygote *zygote);

/**
 * Have a sandbox made, a child of this process (to be waited for with __WALL), that talks over
 * @socket, of which the caller closes its own copy. It dies with the thread that forked the zygote,
 * which is the main thread. Errors: DM_ERROR_SYSTEM; when the zygote itself is gone, this process
 * ends, as it can do no more work. Threads: any.
 */
bool dm_zygote_fork(struct dm_zygote *zygote, int socket, pid_t *ret_pid, GError **error);

/** How much address space it has once it is ready, and so has a new sandbox. */
int64_t dm_zygote_address_bytes(const struct dm_zygote *zygote);

#endif
