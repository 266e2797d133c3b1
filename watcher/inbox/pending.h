// SPDX-License-Identifier: MIT
//
// Pending: the files that are settling, found by path and by when to look at them next. A container
// only; whether a file is finished is settle.h's to say.
#ifndef DM_WATCHER_INBOX_PENDING_H
#define DM_WATCHER_INBOX_PENDING_H

#include "watcher/inbox/settle.h"

#include <glib.h>
#include <stdint.h>

struct dm_pending {
    // Relative to the inbox.
    char *path;
    // In the ledger, in state SEEN.
    int64_t row;
    struct dm_settle settle;
    // (nullable) What the ledger says that it waits for.
    char *told;
    // When to look; meaningful while in `at`.
    int64_t due_us;
    GSequenceIter
        *at; // place in the order of time; NULL: nothing is due, an answer or event comes first
};

struct dm_pendings;

struct dm_pendings *dm_pendings_new(void);
void dm_pendings_free(struct dm_pendings *pendings);

guint dm_pendings_count(const struct dm_pendings *pendings);

/** The file at @path, or NULL. */
struct dm_pending *dm_pendings_find(const struct dm_pendings *pendings, const char *path);

/** Add @path, which is not there; noticed at @now_us, due never. */
struct dm_pending *dm_pendings_add(struct dm_pendings *pendings, const char *path, int64_t row,
                                   int64_t now_us);

/** Tell all of them that events were lost. */
void dm_pendings_lost_events(const struct dm_pendings *pendings);

/** Remove and free; NULL is fine. */
void dm_pendings_remove(struct dm_pendings *pendings, struct dm_pending *pending);

/** Make it due at @due_us or up to 20 ms later, so that neighbours share a look; INT64_MAX: never.
 */
void dm_pendings_schedule(struct dm_pendings *pendings, struct dm_pending *pending, int64_t due_us);

/** Take one that is due at @now_us: it is due never from then on. NULL when there is none. */
struct dm_pending *dm_pendings_take_due(struct dm_pendings *pendings, int64_t now_us);

/** When the next one is due; INT64_MAX: never. */
int64_t dm_pendings_next_us(const struct dm_pendings *pendings);

#endif
