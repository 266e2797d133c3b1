// SPDX-License-Identifier: MIT
//
// A sandbox, as its owner sees it: a process that makes one picture at a time, is killed when it
// takes too long, and is known to be dead, and of what, as soon as it is. What it says is a
// stranger's word (claim.h). What goes on in it: inside.h.
#ifndef DM_MPI_WORKER_TASK_SANDBOX_H
#define DM_MPI_WORKER_TASK_SANDBOX_H

#include "mpi_worker/task/zygote.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_sandbox;

/** What one task in it may take. */
struct dm_sandbox_limits {
    int64_t address_bytes;
    // Of the temporary.
    int64_t file_bytes;
    // From now on, of all its threads together.
    int64_t cpu_s;
};

/** What came of waiting for a sandbox. */
enum dm_heard {
    DM_HEARD_WORDS,
    DM_HEARD_NONSENSE, // more than it may say at once
    DM_HEARD_END,      // it is dead, or will not say anything more
    DM_HEARD_NOTHING,  // in time
};

/** Get one from the zygote, locked in. Errors: DM_ERROR_SYSTEM. Threads: any; its owner from now.
 */
struct dm_sandbox *dm_sandbox_new(struct dm_zygote *zygote, GError **error);

/** Let it end if it is idle, else by force. Accepts NULL. */
void dm_sandbox_free(struct dm_sandbox *sandbox);

/**
 * End it by force, and say of what it had died if it had: "was killed by SIGSEGV", "ended with exit
 * code 7"; NULL: it was alive; (transfer full).
 */
char *dm_sandbox_kill(struct dm_sandbox *sandbox);

/** Set what the next task may take. */
void dm_sandbox_limit(struct dm_sandbox *sandbox, const struct dm_sandbox_limits *limits);

/** Say whether it says something that nobody asked for, or is dead. */
bool dm_sandbox_is_restless(const struct dm_sandbox *sandbox);

/** Tell it something, with descriptors. False: it hears nothing. */
bool dm_sandbox_tell(struct dm_sandbox *sandbox, const void *bytes, size_t size, const int *fds,
                     size_t fd_count);

/** Wait for it until @deadline_us, monotonic. Its words, at most @size bytes, go to @ret_words. */
enum dm_heard dm_sandbox_hear(struct dm_sandbox *sandbox, int64_t deadline_us, char *ret_words,
                              size_t size, size_t *ret_size);

/** Note that a task of it took @bytes. Returns the most that one took: its heap may keep as much.
 */
int64_t dm_sandbox_most(struct dm_sandbox *sandbox, int64_t bytes);

/** How often it was told something with descriptors, which is to say, given a task. */
unsigned dm_sandbox_age(const struct dm_sandbox *sandbox);

#endif
