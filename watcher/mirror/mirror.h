// SPDX-License-Identifier: MIT
//
// The mirror: results that are in the outbox are put into a store, a bucket of S3 or a directory.
// What is to be sent the ledger says (ledger/uploads.h), never a comparison of listings. It knows
// no other room: the outbox publishes, the ledger queues, the mirror sends. Off, unless one is
// configured: then there is none.
//
//   main loop        ledger: what is due -> share: open it -> transfer --+   turn, one commit
//   I/O thread       opens, in its turn; looks whether results are gone  |
//   mirror's thread  the store: reads, hashes, sends   <-----------------+
//
// Inside:
//
//   mirror        the room: takes what is due, as fast as the pace allows
//   sending       one result from its open file to its end: put whole, or in parts
//   source        results opened on the share's thread
//   doubts        looks at objects that a late request may have undone
//   deletions     deletes = "mirror": results that people removed
//   orphans       uploads in parts that nobody knows
//   object        keys and what is said about objects (pure)
//   work          what is in work, shared by these
#ifndef DM_WATCHER_MIRROR_MIRROR_H
#define DM_WATCHER_MIRROR_MIRROR_H

#include "watcher/ledger/ledger.h"
#include "watcher/mirror/settings.h"
#include "watcher/share/share.h"
#include "watcher/store/store_records.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_mirror;
struct dm_store;

/** What it is made of. */
struct dm_mirror_config {
    // Borrowed.
    const struct dm_mirror_settings *settings;
    // (transfer full, also on failure)
    struct dm_store *store;
    int64_t now_us;
};

/** @ledger and @share are borrowed, @wake is copied. From then on the ledger queues. Errors:
 * DM_ERROR_SYSTEM. */
struct dm_mirror *dm_mirror_new(const struct dm_mirror_config *config, struct dm_ledger *ledger,
                                struct dm_share *share, const struct dm_wake *wake, GError **error);

/** Accepts NULL. The share must have been stopped before. What was under way is sent again. */
void dm_mirror_free(struct dm_mirror *mirror);

/** Decide what is due. Returns when (monotonic us) the next turn is wanted. */
int64_t dm_mirror_turn(struct dm_mirror *mirror, int64_t now_us);

/** Do what had to wait for the commit. */
void dm_mirror_committed(struct dm_mirror *mirror);

/** A descriptor that is readable while something has ended. */
int dm_mirror_fd(const struct dm_mirror *mirror);

/** Take in what has ended. */
void dm_mirror_dispatch(struct dm_mirror *mirror, int64_t now_us);

/** How many operations are under way. */
size_t dm_mirror_load(const struct dm_mirror *mirror);

/** Try parked results again, of @path or (NULL) all, and do not wait any longer for the store.
 * Returns how many. */
int64_t dm_mirror_retry(struct dm_mirror *mirror, const char *path);

/** Send @path (relative to the outbox) again. */
void dm_mirror_queue(struct dm_mirror *mirror, const char *path);

/** The key of the result @path (relative to the outbox), (transfer full); NULL: it can have none.
 */
char *dm_mirror_key(const struct dm_mirror *mirror, const char *path);

/** What status shows. All is 0 and "off" without a mirror. */
struct dm_mirror_status {
    const char *state;
    int64_t synced, pending, parked;
    // The oldest that is pending waits so long.
    int64_t oldest_us;
    // Requests that may be in flight at once; until the next is made.
    int64_t connections, retry_in_us;
    // Of the store: since the start, and bytes a second of late.
    int64_t requests, failures, sent_bytes, bytes_per_second;
    struct dm_store_counts counts;
    // When a request last succeeded; 0: none has.
    int64_t success_utc_us;
    int64_t deleted;
    // Why nothing is sent; "" if nothing hinders it.
    char problem[256];
};

/** @mirror: (nullable). */
void dm_mirror_status(struct dm_mirror *mirror, int64_t now_us, struct dm_mirror_status *ret);

#endif
