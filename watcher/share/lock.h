// SPDX-License-Identifier: MIT
//
// Lock: one watcher a share. An open-file-description lock on .dropmill/lock, which dies with its
// process; what stands in the file ("123 tester", then since when and on which host)
// only tells people whose it is.
#ifndef DM_WATCHER_SHARE_LOCK_H
#define DM_WATCHER_SHARE_LOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Lock the share at @path for this process and sign the lock with its id and user. Returns a
 * descriptor, whose closing unlocks, or -1. Errors: DM_ERROR_TRANSIENT when another process has it,
 * DM_ERROR_SYSTEM.
 *
 * @elsewhere  (nullable) a directory of ours, for a share that is read-only: the lock is there
 * then,
 *             and @ret_elsewhere says so. It tells only of processes with the same @elsewhere.
 */
int dm_share_lock(const char *path, const char *elsewhere, bool *ret_elsewhere, GError **error);

/**
 * Who holds the lock of the share at @path: the name of the user (transfer full), "" if it is held
 * and not signed, NULL if nobody does or the share is not there. @ret_pid: the process, 0 if not
 * signed. Anybody who may write there may have signed.
 */
char *dm_share_lock_holder(const char *path, int64_t *ret_pid);

#endif
