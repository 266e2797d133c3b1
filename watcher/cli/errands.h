// SPDX-License-Identifier: MIT
//
// Errands: operations of a store, many at once, each tried until it is done or there is no use. The
// pace (store/pace.h) says how many, what came of one (store/retry.h) whether it is tried again. Of
// the bytes that lie in memory to be sent there are never many.
#ifndef DM_WATCHER_CLI_ERRANDS_H
#define DM_WATCHER_CLI_ERRANDS_H

#include "watcher/store/store.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_errand;
struct dm_errands;

/** Start the operation: call one of the store's, with dm_errand_back and @errand. */
typedef void (*dm_errand_start_fn)(struct dm_store *store, struct dm_errand *errand);

/** It is over, once. @result: of the last attempt; OK, or what no further attempt would mend
 * (MISSING, SOURCE, MULTIPART, OBJECT, whatever failed ten times), or CANCELLED. */
typedef void (*dm_errand_end_fn)(struct dm_errand *errand, const struct dm_store_result *result);

/** One of them. */
struct dm_errand {
    dm_errand_start_fn start;
    dm_errand_end_fn end;
    void *user;
    // What it keeps in memory while it runs.
    int64_t bytes;
    // (nullable), owned: the key, for who starts it; and a number.
    char *key;
    int number;

    // ---- theirs
    struct dm_errands *errands;
    int64_t attempts, due_us;
};

/** A new one, with a copy of @key (nullable); the rest is set by who made it. */
struct dm_errand *dm_errand_new(dm_errand_start_fn start, dm_errand_end_fn end, void *user,
                                const char *key);

/** For an operation's `done`. */
void dm_errand_back(const struct dm_store_result *result, void *errand);

/** @store: (transfer full). */
struct dm_errands *dm_errands_new(struct dm_store *store);

/** @errand: (transfer full), freed behind its end. */
void dm_errands_push(struct dm_errands *errands, struct dm_errand *errand);

/**
 * Start what is due and wait at most @max_wait_ms for something to come back.
 *
 * Returns false when there is no use in going on: DM_ERROR_CONFIG, what has to be changed;
 * DM_ERROR_REMOTE, nobody has answered for a while.
 */
bool dm_errands_turn(struct dm_errands *errands, int max_wait_ms, GError **error);

/** How many are pushed and not over. */
size_t dm_errands_load(const struct dm_errands *errands);

/** What the store has sent so far; its name. */
int64_t dm_errands_sent_bytes(const struct dm_errands *errands);
const char *dm_errands_place(const struct dm_errands *errands);

/** End all as CANCELLED; no new ones are taken meanwhile, they end at once. */
void dm_errands_cancel(struct dm_errands *errands);

/** Cancels. Accepts NULL. */
void dm_errands_free(struct dm_errands *errands);

#endif
