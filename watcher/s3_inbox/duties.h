// SPDX-License-Identifier: MIT
//
// Duties: what a row of the journal asks for. Only what is committed is acted upon, so that nothing
// is done of which a kill would leave no trace:
//
//   FETCHED    rename the temporary to its place; where a file is, that goes first
//   ENDED      put the answer
//   ANSWERED   delete or move the object
//
// A duty that fails is put off, and done again until it is done.
#ifndef DM_WATCHER_S3_INBOX_DUTIES_H
#define DM_WATCHER_S3_INBOX_DUTIES_H

#include "watcher/s3_inbox/work.h"

/** Do those that are due. Behind a commit. */
void dm_s3_duties_committed(struct dm_s3_inbox *inbox);

#endif
