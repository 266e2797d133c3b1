// SPDX-License-Identifier: MIT
//
// The thread of a store.  Operations go there and come back, each by a queue; so
// many are with the store as the main loop allows, the others wait there, so that the next one
// starts when one ends and not when the main loop comes round.
//
// Threads: the main loop; `op` is the thread's from dm_transfer_push() until its `done`.
#ifndef DM_WATCHER_STORE_TRANSFER_H
#define DM_WATCHER_STORE_TRANSFER_H

#include "watcher/store/store.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_transfer_op;

/** The end of an operation, on the main loop; @op is freed behind it. */
typedef void (*dm_transfer_done_fn)(struct dm_transfer_op *op, void *user);

/** An operation. Strings are owned; what its verb does not need is 0. */
struct dm_transfer_op {
    enum dm_store_verb verb;
    char *key;
    // PUT, PART: the descriptor must stay open until `done`.
    struct dm_store_body body;
    // PUT, CREATE: its texts must stay until `done`.
    struct dm_store_attributes attributes;
    // PART, COMPLETE, ABORT, PARTS.
    char *upload_id;
    int number;
    // COMPLETE: of struct dm_store_part *.
    GPtrArray *parts;
    // LIST, UPLOADS, PARTS: (nullable).
    char *from;
    // LIST: (nullable) the first page of what comes behind it.
    char *after;
    // GET: the descriptor must stay open until `done`; its if_match is the next member.
    struct dm_store_get_options get;
    // GET, COPY: (nullable).
    char *if_match;
    // COPY.
    char *from_key;
    dm_transfer_done_fn done;
    void *user;

    // What came of it: a copy that is owned by the operation.
    struct dm_store_result result;
};

/** A new one; the rest is set by who made it. @key is copied. */
struct dm_transfer_op *dm_transfer_op_new(enum dm_store_verb verb, const char *key,
                                          dm_transfer_done_fn done, void *user);

struct dm_transfer;

/** Start the thread, called @name (at most 15 bytes). @store (transfer full, also on failure).
 * Errors: DM_ERROR_SYSTEM. */
struct dm_transfer *dm_transfer_new(struct dm_store *store, const char *name, GError **error);

/** Cancel what is under way, call all `done`, end the thread. Accepts NULL. */
void dm_transfer_free(struct dm_transfer *transfer);

/** Queue an operation. @op (transfer full) */
void dm_transfer_push(struct dm_transfer *transfer, struct dm_transfer_op *op);

/** Let so many operations be with the store at once. */
void dm_transfer_limit(struct dm_transfer *transfer, unsigned limit);

/** A descriptor that is readable while there are operations that have ended. */
int dm_transfer_fd(const struct dm_transfer *transfer);

/** Call `done` of those. Returns how many. */
size_t dm_transfer_dispatch(struct dm_transfer *transfer);

/** How many were pushed and are not yet dispatched. */
size_t dm_transfer_load(const struct dm_transfer *transfer);

/** What the store says of itself, as of a moment ago. */
void dm_transfer_status(struct dm_transfer *transfer, struct dm_store_status *ret);

/** The most operations that the store carries out at once. */
unsigned dm_transfer_connections(const struct dm_transfer *transfer);

/** What the store is called. */
const char *dm_transfer_name(const struct dm_transfer *transfer);

#endif
