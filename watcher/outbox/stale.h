// SPDX-License-Identifier: MIT
//
// Stale files: temporaries and notes that a kill -9, a dead worker or a user's move left behind,
// and originals whose time is up; found by walks and removed with care. Runs on the I/O thread. Who
// may decide what is stale: janitor.c.
#ifndef DM_WATCHER_OUTBOX_STALE_H
#define DM_WATCHER_OUTBOX_STALE_H

#include "watcher/ledger/ledger.h"

#include <glib.h>

/** For a walk: collect the paths of our temporaries into @data, a GPtrArray of char *. */
void dm_stale_find_temps(int dir_fd, const char *dir, GPtrArray *names, void *data);

/** For a walk over failed/, whose descriptor @data points at: remove notes whose file is not there,
 * and halves of notes. */
void dm_stale_drop_notes(int dir_fd, const char *dir, GPtrArray *names, void *data);

/** Remove a temporary of ours; absent is fine, and so is somebody else's, which stays. Returns 0,
 * or -1 with errno. */
int dm_stale_remove_temp(int outbox_fd, const char *path);

/** What became of an original whose time is up. */
enum dm_fate {
    // It is not there any more.
    DM_FATE_GONE,
    // What is there is not what we have put there; it was left.
    DM_FATE_OTHERS,
    // By its own ctime it has not lain there long enough.
    DM_FATE_YOUNG,
    // errno says why.
    DM_FATE_REFUSED,
};

/** Remove an original that has lain there since before @before_utc_us, and the directories that it
 * leaves empty. */
enum dm_fate dm_stale_remove_original(int originals_fd, const struct dm_kept *kept,
                                      int64_t before_utc_us);

#endif
