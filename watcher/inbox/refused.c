// SPDX-License-Identifier: MIT
//
// Refused: what could not be looked at. Nothing is concluded of it: it is looked at again. By the
// errors that a share gives which is not there, the share is accused and has to prove itself; but
// one bad spot of a disk would accuse it for ever: when it has proved itself so often while names
// of one directory were still refused, the fault is theirs.
#include "watcher/inbox/inbox_private.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"

#define RETRY_US (5 * G_USEC_PER_SEC)
#define ACCUSATIONS_MAX 3

static void look_again(struct dm_inbox *inbox, const char *path) {
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, path);
    if (pending != NULL) {
        dm_pendings_schedule(inbox->pendings, pending, inbox->now_us + RETRY_US);
    }
}

/** @path in @dir was refused with @errnum: is it the share? */
static void doubt_share(struct dm_inbox *inbox, struct dm_dir *dir, const char *path, int errnum) {
    if (!dm_share_is_online(inbox->share) || dir->accusations > ACCUSATIONS_MAX) {
        return;
    }
    if (++dir->accusations <= ACCUSATIONS_MAX) {
        dm_share_accuse(inbox->share, errnum, inbox->now_us);
        return;
    }
    g_autofree char *shown = dm_path_display(path);
    dm_log_of_file(path, NULL, DM_LOG_WARNING,
                   "cannot look at '%s': %s, will retry with each sweep", shown,
                   g_strerror(errnum));
}

void dm_refused_name(struct dm_inbox *inbox, struct dm_sweep *sweep,
                     const struct dm_sweep_entry *entry) {
    g_autofree char *path = dm_path_join(sweep->dir, entry->name);
    struct dm_dir *dir = dm_dirs_find(inbox->dirs, sweep->dir);
    sweep->incomplete = true;
    look_again(inbox, path);
    if (dir != NULL && dm_errno_is_offline(entry->error)) {
        doubt_share(inbox, dir, path, entry->error);
    }
}

void dm_refused_names(struct dm_inbox *inbox, const struct dm_sweep *sweep) {
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, sweep->names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *path = dm_path_join(sweep->dir, name);
        look_again(inbox, path);
    }
}

void dm_refused_dir(struct dm_inbox *inbox, const struct dm_sweep *sweep) {
    struct dm_dir *dir = dm_dirs_find(inbox->dirs, sweep->dir);
    if (dir != NULL && !dir->warned) {
        g_autofree char *shown = dm_path_display(sweep->dir);
        dm_log_warning("cannot read the folder '%s': %s, will retry with each sweep", shown,
                       g_strerror(sweep->error));
        dir->warned = true;
    }
    dm_refused_names(inbox, sweep);
}
