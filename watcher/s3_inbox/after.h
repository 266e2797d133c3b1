// SPDX-License-Identifier: MIT
//
// After: an object that was answered is deleted, or moved out of the way: copied, if it is still
// that one, then deleted. Before it is deleted it is looked at: another object that was put in its
// place meanwhile stays, and is the next to be taken.
#ifndef DM_WATCHER_S3_INBOX_AFTER_H
#define DM_WATCHER_S3_INBOX_AFTER_H

#include "watcher/s3_inbox/work.h"

/** Do what is configured with the object of @arrival (transfer full), which is ANSWERED, and whose
 * key is begun with: that ends by itself. */
void dm_s3_after(struct dm_s3_inbox *inbox, struct dm_arrival *arrival);

#endif
