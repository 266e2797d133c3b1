// SPDX-License-Identifier: MIT
//
// A result comes to its place: the temporary that a worker made is renamed to the name that
// output_name.h chose and the ledger has recorded. Runs on the I/O thread.
#ifndef DM_WATCHER_OUTBOX_PUBLISH_H
#define DM_WATCHER_OUTBOX_PUBLISH_H

#include "watcher/outbox/file_op.h"
#include "watcher/share/share.h"

/**
 * Rename row->temp to row->output, which is claimed and committed. What stands there is replaced
 * if op->replace says that it is an earlier result of the same input; else it is somebody's file:
 * `taken`. Brings back PUBLISHED; LOST (the temporary is not there or not whole); BLOCKED. May be
 * repeated after a kill -9 at any point.
 */
void dm_publish_result(const struct dm_share_dirs *dirs, struct dm_file_op *op);

/** Say whether row->output is there with as many bytes as the worker reported. */
bool dm_publish_is_whole(const struct dm_share_dirs *dirs, const struct dm_row *row);

#endif
