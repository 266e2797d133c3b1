// SPDX-License-Identifier: MIT
//
// The jail: what a thread that runs decoders over a stranger's bytes may still ask of the kernel.
// It reads and writes descriptors that it was given, takes memory, and waits; it opens nothing,
// connects nowhere, starts nothing, makes no memory executable. Two locks on one door: a seccomp
// allow-list of system calls, and Landlock, which knows paths and sockets. Both hold the calling
// thread (and threads that it starts) for the rest of its life; the others go on unhindered.
// Who lives in it: sandbox.h.
#ifndef DM_MPI_WORKER_TASK_JAIL_H
#define DM_MPI_WORKER_TASK_JAIL_H

#include <glib.h>
#include <stdbool.h>

/** What this kernel offers. */
struct dm_jail_locks {
    bool landlock;
    bool seccomp;
};

/** Ask the kernel; false everywhere in a build with a sanitizer, whose runtime needs more. */
struct dm_jail_locks dm_jail_probe(void);

/**
 * Lock the calling thread in with what the kernel offers; no way back.
 * Errors: DM_ERROR_SYSTEM when an offered lock did not close. Threads: any, for itself.
 */
bool dm_jail_enter(GError **error);

#endif
