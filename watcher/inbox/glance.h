// SPDX-License-Identifier: MIT
//
// Glance: which directories are not as they were when they were read last? A job of the share, one
// statx a directory, for the sweeps of directories that inotify watches: where nothing was made,
// renamed or removed there is nothing to read. A plain record: the main loop fills it in and reads
// what came of it.
#ifndef DM_WATCHER_INBOX_GLANCE_H
#define DM_WATCHER_INBOX_GLANCE_H

#include "common/wire.h"
#include "watcher/share/share.h"

#include <glib.h>
#include <stdbool.h>

struct dm_glance_dir {
    // Relative to the inbox; "" for itself.
    char *path;
    // How it was.
    struct dm_fingerprint stamp;
    // It is not so now, or is not there.
    bool changed;
};

struct dm_glance {
    // Whose it is; not touched here.
    void *owner;
    // struct dm_glance_dir.
    GArray *dirs;
    // Those before it have been looked at.
    guint next;
};

struct dm_glance *dm_glance_new(void *owner);
void dm_glance_free(struct dm_glance *glance);

void dm_glance_add(struct dm_glance *glance, const char *path, const struct dm_fingerprint *stamp);

/** Look at the next of them, some thousands at most. A dm_share_work_fn: @job is a struct
 * dm_glance.
 */
int dm_glance_work(const struct dm_share_dirs *dirs, void *job);

#endif
