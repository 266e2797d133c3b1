// SPDX-License-Identifier: MIT
//
// Rearm: a file that was moved to failed/ because it ended too early, and has changed there since:
// its writer still had it open, or somebody has put it right. It goes back into the inbox, where it
// settles like any other.
#ifndef DM_WATCHER_OUTBOX_REARM_H
#define DM_WATCHER_OUTBOX_REARM_H

#include "watcher/outbox/file_op.h"
#include "watcher/share/share.h"

/** How long such files are looked after, and how often at most. */
#define DM_REARM_FOR_US (24 * 3600 * INT64_C(1000000))
#define DM_REARM_EVERY_US (10 * INT64_C(1000000))

/** Look at the file of @op's row in failed/; move it back if it has changed. No fact comes of it:
 * the inbox notices. Runs on the I/O thread. */
void dm_rearm_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op);

#endif
