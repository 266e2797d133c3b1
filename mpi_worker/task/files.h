// SPDX-License-Identifier: MIT
//
// The two files of a task: the original, read whole and known by its fingerprint, and the temporary
// beside the result's final name. Every failure here is told in the result by what the watcher
// should do about it: wait for the input to settle, give up on it, or try again when the world is
// better.
#ifndef DM_MPI_WORKER_TASK_FILES_H
#define DM_MPI_WORKER_TASK_FILES_H

#include "common/wire.h"
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/task/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** The original, open and in memory. */
struct dm_original {
    int root_fd;
    int fd;
    // At opening.
    struct dm_fingerprint fingerprint;
    // Who may read it.
    mode_t mode;
    gid_t gid;
    // Owned.
    struct dm_bytes bytes;
};

/** The temporary. */
struct dm_temp {
    int dir_fd;
    int fd;
    // In dir_fd.
    char *name;
};

/**
 * Open the task's input beneath its root, check its fingerprint and read it. On failure @ret says
 * why: CHANGED (gone, or another state than accepted), FAILED (no regular file, not readable, over
 * max_bytes), BLOCKED (the root is not there). @original is to be cleared in any case.
 */
bool dm_original_open(const struct dm_task *task, struct dm_original *original,
                      struct dm_result *ret);

/** Check that the input, and what its path now leads to, is still what was opened. Else CHANGED. */
bool dm_original_recheck(const struct dm_task *task, const struct dm_original *original,
                         struct dm_result *ret);

void dm_original_clear(struct dm_original *original);

/**
 * Make the task's temporary, empty, with the directories that lead to it. An old one of the same
 * name goes if it is a file of ours. On failure @ret is BLOCKED, with NAME_TAKEN when something
 * else has the name. @temp is to be cleared in any case.
 * No more people may read it than may read @original.
 */
bool dm_temp_open(const struct dm_task *task, const struct dm_original *original,
                  struct dm_temp *temp, struct dm_result *ret);

/** Empty the temporary, for each attempt. */
bool dm_temp_restart(const struct dm_task *task, struct dm_temp *temp, struct dm_result *ret);

/** Sync if the task wants it. On failure @ret is BLOCKED. */
bool dm_temp_finish(const struct dm_task *task, struct dm_temp *temp, struct dm_result *ret);

/** Read back what was written, at most @limit bytes; (transfer full) in @ret_bytes. */
bool dm_temp_read(const struct dm_temp *temp, size_t limit, struct dm_bytes *ret_bytes);

/** Close it; unless @keep remove it. */
void dm_temp_clear(struct dm_temp *temp, bool keep);

/** Say in @ret that writing failed with @errnum: BLOCKED, naming the directory. Returns false. */
bool dm_temp_cannot_write(const struct dm_task *task, int errnum, struct dm_result *ret);

#endif
