// SPDX-License-Identifier: MIT
//
// A process that works for us, such as mpirun or a rank that is alone: starting it so that it dies
// with us and can be ended with all that it started, and ending it now. Ending a job in order,
// phase by phase, is engine/session.h.
#ifndef DM_WATCHER_CHILD_H
#define DM_WATCHER_CHILD_H

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
    // What it has as its standard input, closed here by the caller; -1: nothing.
    int input;
    // By how much it steps back behind others, 0 to 19.
    int nice;
};

/**
 * Start @child in a process group of its own; it is killed when this thread ends.
 *
 * @ret_output  what it writes to stdout and stderr: a descriptor to read from, non-blocking
 *              (transfer full).
 * Errors: DM_ERROR_SYSTEM.
 */
bool dm_child_start(const struct dm_child *child, pid_t *ret_pid, int *ret_output, GError **error);

/**
 * The few variables of @environment that a child of ours may have, of which none is obeyed by Open
 * MPI, the loader or a library; @more (nullable, NULL-terminated): others, or how they begin.
 * Returns: (transfer full): g_strfreev().
 */
char **dm_child_env(const char *const *environment, const char *const *more);

/** End process @pid and its group here and now, waiting for it: politely for a second at most. */
void dm_child_stop(pid_t pid);

/** "mpirun was killed by SIGKILL", of a status of waitpid(); (transfer full). */
char *dm_child_ending(const char *program, int wait_status);

#endif
