// SPDX-License-Identifier: MIT
//
// The claim: an object beside the inputs that says which share they are taken for. One of another
// share is never overwritten: then this daemon takes nothing, and says who does. Of two that put
// theirs at the same time the last has it, and the other finds that out at its next look.
#ifndef DM_WATCHER_S3_INBOX_CLAIM_H
#define DM_WATCHER_S3_INBOX_CLAIM_H

#include "watcher/s3_inbox/work.h"

struct dm_s3_claim *dm_s3_claim_new(struct dm_s3_inbox *inbox);
void dm_s3_claim_free(struct dm_s3_claim *claim);

/** The claim was looked at. @is_ours: we may take. @is_known: if not, it is another's. */
typedef void (*dm_s3_claim_fn)(bool is_ours, bool is_known, void *user);

/** Look at it, and put ours where there is none; one look at a time. */
void dm_s3_claim_look(struct dm_s3_claim *claim, dm_s3_claim_fn back, void *user);

/** Who has it, for people; NULL: we have, as far as we know. */
const char *dm_s3_claim_problem(const struct dm_s3_claim *claim);

#endif
