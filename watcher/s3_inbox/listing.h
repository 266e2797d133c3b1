// SPDX-License-Identifier: MIT
//
// Listing: the bucket below the prefix, page by page, beside the journal, which is in the same
// order. What is new goes into inbox->ready, what is refused is written down. A page that reads as
// it did in the last pass, when there was nothing to do about it, costs a checksum and nothing of
// the ledger. What is our own there (answers, taken objects) is jumped over.
//
//   pass:  claim looked at -> page -> page, as soon as `ready` has run down -> ... -> poll later
#ifndef DM_WATCHER_S3_INBOX_LISTING_H
#define DM_WATCHER_S3_INBOX_LISTING_H

#include "watcher/s3_inbox/work.h"

struct dm_s3_listing *dm_s3_listing_new(struct dm_s3_inbox *inbox);
void dm_s3_listing_free(struct dm_s3_listing *listing);

/** Begin a pass, or go on with one, when that is due. Returns when (monotonic us) it is next. */
int64_t dm_s3_listing_turn(struct dm_s3_listing *listing, int64_t now_us);

/** The next pass is due at once; soon, because an object is another one than was listed. */
void dm_s3_listing_hurry(struct dm_s3_listing *listing);
void dm_s3_listing_again(struct dm_s3_listing *listing);

/** An object of this pass has to wait for something. */
void dm_s3_listing_wait(struct dm_s3_listing *listing);

/** End the pass: there is no room for what it finds. */
void dm_s3_listing_stop(struct dm_s3_listing *listing);

/** Objects of the last pass that have to wait for something, beside those in `ready`. */
int64_t dm_s3_listing_waiting(const struct dm_s3_listing *listing);

#endif
