// SPDX-License-Identifier: MIT
//
// What a sandbox says. It may be under the spell of a picture, so this is a stranger's word: read
// within bounds, and held against what the task allows. Pure; what can be looked up outside (the
// file's size, whether the disk is full) is looked up in attempt.c.
#ifndef DM_MPI_WORKER_TASK_CLAIM_H
#define DM_MPI_WORKER_TASK_CLAIM_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** No claim is longer. */
#define DM_CLAIM_BYTES 16384

/** No message in a verdict is longer; escaped, it fits. */
#define DM_CLAIM_MESSAGE_BYTES 2000

/** Before the pixels: what they will take. */
struct dm_need {
    int64_t memory_bytes;
    int64_t pixels;
};

/** Write a need as a line; (transfer full). */
char *dm_need_line(const struct dm_need *need);

/** Say whether the @size bytes of @text are a need, and which: neither number is negative. */
bool dm_need_parse(const char *text, size_t size, struct dm_need *ret);

/**
 * Read the @size bytes of @text as the verdict on @task: done, with a size and a format that this
 * build writes; failed, for a reason that lies in a picture; or blocked, as it cannot write. The
 * message is cut to what a sentence may take, and valid UTF-8. @ret is as after dm_result_parse(),
 * but for host and rank, which are nobody's.
 * Errors: DM_ERROR_REMOTE, as a half-sentence: what no honest sandbox says.
 */
bool dm_verdict_parse(const char *text, size_t size, const struct dm_task *task,
                      struct dm_result *ret, GError **error);

#endif
