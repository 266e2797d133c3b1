// SPDX-License-Identifier: MIT
//
// The jail: what a process that runs decoders over a stranger's bytes may still ask of the kernel.
// It reads and writes descriptors that it was given, takes memory, and waits; it opens nothing,
// connects nowhere, starts nothing, signals nobody, makes no memory executable. Two locks on one
// door: a seccomp allow-list of system calls, and Landlock, which knows paths and sockets. Both
// hold for the rest of its life, and so do the limits that stand around them.
// Who lives in it: inside.h.
#ifndef DM_MPI_WORKER_TASK_JAIL_H
#define DM_MPI_WORKER_TASK_JAIL_H

#include <glib.h>
#include <stdbool.h>

/** The one socket on which it may listen. */
#define DM_JAIL_SOCKET 0

/** How many descriptors it may have: the socket, nothing at 1 and 2, and a task's two; and room. */
#define DM_JAIL_FDS 8

/** What this kernel offers. */
struct dm_jail_locks {
    bool landlock;
    bool seccomp;
};

/** Ask the kernel; false everywhere in a build with a sanitizer, whose runtime needs more. */
struct dm_jail_locks dm_jail_probe(void);

/**
 * Give up what no sandbox needs, jail or not: capabilities, core files, being looked into or traced
 * by processes of the same user, most descriptors. A sanitizer's build keeps all that.
 * Errors: DM_ERROR_SYSTEM. Threads: the only one of its process.
 */
bool dm_jail_harden(GError **error);

/**
 * Lock this process in, after dm_jail_harden(), with what the kernel offers; no way back.
 * Errors: DM_ERROR_SYSTEM when an offered lock did not close. Threads: the only one of its process.
 */
bool dm_jail_enter(GError **error);

#endif
