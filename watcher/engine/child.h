// SPDX-License-Identifier: MIT
//
// The process of a job, mpirun or a rank that is alone: starting it so that it dies with us and can
// be ended with all that it started, and ending it now. Ending it in order, phase by phase, is
// session.h.
#ifndef DM_WATCHER_ENGINE_CHILD_H
#define DM_WATCHER_ENGINE_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/** Borrowed for the call. */
struct dm_child {
    // Both NULL-terminated.
    const char *const *argv;
    const char *const *env;
    // Where it starts; (nullable) where we are.
    const char *cwd;
    // It is put into one, see own_network.h; where that fails it says so and ends.
    bool own_network;
};

/**
 * Start @child in a process group of its own; it is killed when this thread ends.
 *
 * @ret_output  what it writes to stdout and stderr: a descriptor to read from, non-blocking
 *              (transfer full).
 * Errors: DM_ERROR_SYSTEM.
 */
bool dm_child_start(const struct dm_child *child, pid_t *ret_pid, int *ret_output, GError **error);

/** End process @pid and its group here and now, waiting for it: politely for a second at most. */
void dm_child_stop(pid_t pid);

/** "mpirun was killed by SIGKILL", of a status of waitpid(); (transfer full). */
char *dm_child_ending(const char *program, int wait_status);

#endif
