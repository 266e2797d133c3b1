// SPDX-License-Identifier: MIT
//
// The two files of a task: the original, known by its fingerprint and read whole, and the temporary
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

/** The original, open. */
struct dm_original {
    int root_fd;
    int fd;
    // At opening.
    struct dm_fingerprint fingerprint;
    // Who may read it.
    mode_t mode;
    gid_t gid;
};

/** The temporary. */
struct dm_temp {
    int dir_fd;
    int fd;
    // In dir_fd.
    char *name;
};

/**
 * Open the task's input beneath its root and check its fingerprint. On failure @ret says
 * why: CHANGED (gone, or another state than accepted), FAILED (no regular file, not readable, over
 * max_bytes), BLOCKED (the root is not there, or the share or this machine refuses: `errnum`).
 * @original is to be cleared in any case.
 */
bool dm_original_open(const struct dm_task *task, struct dm_original *original,
                      struct dm_result *ret);

/** Check that the input, and what its path now leads to, is still what was opened. Else CHANGED,
 * or BLOCKED where that cannot be seen. */
bool dm_original_recheck(const struct dm_task *task, const struct dm_original *original,
                         struct dm_result *ret);

/** Read all of the file open as @fd, the original or the temporary, for nothing but to see whether
 * the share lets us. If not, @ret is BLOCKED. */
bool dm_file_is_refused(int fd, struct dm_result *ret);

void dm_original_clear(struct dm_original *original);

/**
 * Read all of the file open as @fd; (transfer full) in @ret_bytes, also in part. On failure @ret is
 * FAILED, or BLOCKED when the share refuses.
 */
bool dm_original_read(int fd, struct dm_bytes *ret_bytes, struct dm_result *ret);

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

/**
 * Check that what was written is a file of @bytes, and sync it if the task wants that. On failure
 * @ret is BLOCKED, or FAILED if the size is another.
 */
bool dm_temp_finish(const struct dm_task *task, const struct dm_temp *temp, int64_t bytes,
                    struct dm_result *ret);

/**
 * Try to write some more behind the end of it. False: that works; else @ret is BLOCKED and says
 * why it does not.
 */
bool dm_temp_is_stuck(const struct dm_task *task, const struct dm_temp *temp,
                      struct dm_result *ret);

/** Read back what was written, at most @limit bytes; (transfer full) in @ret_bytes. */
bool dm_temp_read(const struct dm_temp *temp, size_t limit, struct dm_bytes *ret_bytes);

/** Close it; unless @keep remove it. */
void dm_temp_clear(struct dm_temp *temp, bool keep);

/** Give the temporary the original's time of change, as far as the file system lets us. */
void dm_temp_take_time(const struct dm_temp *temp, const struct dm_original *original);

/** Say in @ret that writing failed with @errnum: BLOCKED, naming the directory. Returns false. */
bool dm_temp_cannot_write(const struct dm_task *task, int errnum, struct dm_result *ret);

#endif
