// SPDX-License-Identifier: MIT
//
// Answers: what became of an object, put beside it for whoever sent it.
#ifndef DM_WATCHER_S3_INBOX_ANSWER_H
#define DM_WATCHER_S3_INBOX_ANSWER_H

#include "watcher/s3_inbox/work.h"

/** Answer @arrival (transfer full), which is ENDED, and whose key is begun with: that ends by
 * itself. */
void dm_s3_answer_put(struct dm_s3_inbox *inbox, struct dm_arrival *arrival);

#endif
