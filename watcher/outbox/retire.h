// SPDX-License-Identifier: MIT
//
// An original has had its day: it leaves the inbox for originals/ when its result is durable, for
// failed/ with a note when there will be none. Runs on the I/O thread. What a kill -9
// interrupts is repeated.
#ifndef DM_WATCHER_OUTBOX_RETIRE_H
#define DM_WATCHER_OUTBOX_RETIRE_H

#include "watcher/outbox/file_op.h"
#include "watcher/share/share.h"

#include <stdbool.h>
#include <stdint.h>

/** Make all results durable: once a group, before the first original of it moves. Returns 0, or an
 * errno with @error. */
int dm_retire_flush(const struct dm_share_dirs *dirs, GError **error);

/**
 * Move the original of a PUBLISHED row to originals/; not @keep: then delete it. Brings back
 * RETIRED (with `kept` when it is in originals/; without when its owner took it: the result
 * stands; what lay in failed/ of earlier drops goes with it); CHANGED (another file is in its place
 * now); LOST (unproved, and the result is not whole); BLOCKED.
 */
void dm_retire_original(const struct dm_share_dirs *dirs, struct dm_file_op *op, bool keep);

/**
 * Move the original of a FAILED row to failed/ and put a note beside it. Brings back RETIRED;
 * DROPPED (another file is in its place now); BLOCKED.
 */
void dm_retire_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op);

/**
 * The same where originals stay in the inbox: nothing there is touched. The note of a FAILED row
 * goes to failed/, if that can be written, without its file. Bring back the same but BLOCKED.
 */
void dm_retire_left(const struct dm_share_dirs *dirs, struct dm_file_op *op);
void dm_retire_left_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op);

#endif
