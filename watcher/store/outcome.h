// SPDX-License-Identifier: MIT
//
// A struct dm_store_result that owns what it says, for those who make one; and the body of a put,
// read.
#ifndef DM_WATCHER_STORE_OUTCOME_H
#define DM_WATCHER_STORE_OUTCOME_H

#include "watcher/store/sha256.h"
#include "watcher/store/store_records.h"

#include <glib.h>

struct dm_outcome {
    struct dm_store_result result;
    // What the result points to.
    GPtrArray *strings;
    GPtrArray *entries;
};

/** OK, and nothing said. */
void dm_outcome_init(struct dm_outcome *outcome);
void dm_outcome_clear(struct dm_outcome *outcome);

/** Own @text (transfer full), and return it for a member of the result. */
const char *dm_outcome_own(struct dm_outcome *outcome, char *text);

/** It failed, as a sentence: class and reason. What was said before of success stays. */
void dm_outcome_fail(struct dm_outcome *outcome, enum dm_store_class class, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/** It failed because our own file did: SOURCE. */
void dm_outcome_fail_source(struct dm_outcome *outcome, int errnum, const char *what);

/** Give it an array of @free_func's elements; returns it. */
GPtrArray *dm_outcome_new_entries(struct dm_outcome *outcome, GDestroyNotify free_func);

/**
 * Read @body into memory. @ret_bytes: borrowed from the body if it is memory, else (transfer full)
 * as @ret_owned, which is NULL otherwise.
 *
 * Returns false, and says why in @outcome (SOURCE): a file that has become shorter is EIO.
 */
bool dm_body_read(const struct dm_store_body *body, struct dm_outcome *outcome,
                  const void **ret_bytes, void **ret_owned);

/** Read a @body that is a file into @buffer, which has room for it, and add its bytes to @sum
 * (nullable) while they are at hand. Returns as dm_body_read(). */
bool dm_body_fill(const struct dm_store_body *body, struct dm_outcome *outcome, char *buffer,
                  struct dm_sha256 *sum);

#endif
