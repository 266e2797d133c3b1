// SPDX-License-Identifier: MIT
//
// The S3 inbox: objects that people put into a bucket, below a prefix, become files of the inbox,
// and are answered when these have ended. It knows no other room: it puts a file where the inbox
// finds it; the ledger says when that file has ended (ledger/arrivals.h). Off, unless a prefix is
// configured: then there is none.
//
//   bucket                          here                                    ledger
//   ------------------------------  --------------------------------------  ---------------------
//   <prefix>gray/a.jpg     -list->  known, with this ETag? else fetch it
//                          -get-->  a temporary, looked at, durable         FETCHED, commit
//                                   renamed to inbox/gray/a.jpg, unless a   TAKEN
//                                   file is there: then that goes first
//                                   (inbox, engine, outbox, mirror)         ENDED, with the file
//   <prefix>.answers/...   <-put--  the answer                              ANSWERED, or KEPT
//   <prefix>.taken/...     <-copy-  after = "move"; then, as for "delete",  forgotten
//                          -head->  is it still that object? remove it
//
// A kill at any point is gone on from: what is committed is done again and finds itself done. So an
// object is taken once for each ETag, and remains in the bucket until it is answered.
//
// The contract with those who send (`dropmill send --s3`):
//
//   <prefix>.dropmill.json    put at start: {"dropmill": version, "share": id, "host": its name,
//       "results": prefix of results, "answers": "<prefix>.answers/", "since": ISO 8601, UTC}.
//       It is a claim, too: while one of another share is there nothing is taken. It is looked at
//       before each listing, so that of two that start together one finds out and steps back.
//   <prefix><chain>/<name>    an input, with folders of its own in <name> perhaps.
//   <prefix>.answers/<chain>/<name>.json    put when the file has ended and its result is in the
//       bucket, or when it was refused: {"etag": of the input, "state": "done" or "failed",
//       "results": [key of the result], "reason": a word, "message": a sentence}; the last two are
//       "" if it is done. An input whose chain nobody understands, or without bytes, is refused: it
//       stays there, and has such an answer. One whose name cannot be in an inbox has none.
//
// Inside:
//
//   s3_inbox     the room
//   claim        who takes from the prefix
//   listing      pages of the bucket: what is new, what is gone
//   fetch        objects on their way into temporaries
//   files        file work, on the share's thread
//   duties       what rows ask for once they are committed: place, answer, delete or move
//   answer       answers put; after: objects deleted or moved
//   names, texts what keys say, what is written (pure)
//   work         what is in work, shared by these
#ifndef DM_WATCHER_S3_INBOX_S3_INBOX_H
#define DM_WATCHER_S3_INBOX_S3_INBOX_H

#include "watcher/ledger/ledger.h"
#include "watcher/s3_inbox/config.h"
#include "watcher/share/share.h"
#include "watcher/store/store_records.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_s3_inbox;
struct dm_store;

/** @store (transfer full, also on failure) @ledger and @share are borrowed, @wake is copied.
 * Errors: DM_ERROR_SYSTEM. */
struct dm_s3_inbox *dm_s3_inbox_new(const struct dm_s3_inbox_config *config, struct dm_store *store,
                                    struct dm_ledger *ledger, struct dm_share *share,
                                    const struct dm_wake *wake, GError **error);

/** Accepts NULL. The share must have been stopped before. What was under way is begun again. */
void dm_s3_inbox_free(struct dm_s3_inbox *inbox);

/** Look for objects when that is due, and fetch. Returns when (monotonic us) the next turn is
 * wanted. */
int64_t dm_s3_inbox_turn(struct dm_s3_inbox *inbox, int64_t now_us);

/** Do what rows ask for that are committed. */
void dm_s3_inbox_committed(struct dm_s3_inbox *inbox);

/** A descriptor that is readable while something has ended. */
int dm_s3_inbox_fd(const struct dm_s3_inbox *inbox);

/** Take in what has ended. */
void dm_s3_inbox_dispatch(struct dm_s3_inbox *inbox, int64_t now_us);

/** How many operations are under way. */
size_t dm_s3_inbox_load(const struct dm_s3_inbox *inbox);

/** List the bucket now, whatever it was waited for. */
void dm_s3_inbox_hurry(struct dm_s3_inbox *inbox);

/** What status shows. All is 0 and "off" without an S3 inbox. */
struct dm_s3_inbox_status {
    const char *state;
    // Objects that are seen and not yet in the inbox; those in it or not yet answered.
    int64_t waiting, in_work;
    // Since the start: taken, answered.
    int64_t taken, answered;
    // Never taken; and why, of the first few.
    int64_t left;
    char left_why[256];
    // Of the store.
    int64_t requests, failures, received_bytes;
    struct dm_store_counts counts;
    // When a request last succeeded; 0: none has.
    int64_t success_utc_us;
    // Until the next try, while it waits for the store.
    int64_t retry_in_us;
    // Why nothing is taken; "" if nothing hinders it.
    char problem[512];
};

/** @inbox: (nullable). */
void dm_s3_inbox_status(struct dm_s3_inbox *inbox, int64_t now_us, struct dm_s3_inbox_status *ret);

#endif
