// SPDX-License-Identifier: MIT
//
// Trigger: in folders that are configured so, a second file says that the first is finished:
// photo.jpg.done. It is no input itself, and is removed when its file has left the inbox. Read
// first: inbox_private.h.
#include "watcher/inbox/inbox_private.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <string.h>

/** A job for the share: remove a trigger that is still as it was seen. */
struct removal {
    char *path;
    struct dm_fingerprint seen;
};

static int remove_work(const struct dm_share_dirs *dirs, void *job) {
    const struct removal *removal = job;
    g_autofree char *dir = dm_path_dir(removal->path);
    const char *name = dm_path_base(removal->path);
    struct dm_fingerprint found;
    DM_AUTO_CLOSE int dir_fd =
        dm_open_beneath(dirs->rooms[DM_SHARE_INBOX], dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd >= 0 && dm_fingerprint_at(dir_fd, name, &found, NULL) == 0 &&
        dm_fingerprint_equal(&found, &removal->seen)) {
        unlinkat(dir_fd, name, 0);
    }
    return 0; // what stays is seen again by the sweep
}

static void remove_done(void *job, bool done) {
    (void)done;
    struct removal *removal = job;
    g_free(removal->path);
    g_free(removal);
}

/** Say whether the trigger was for what @row tells of, and not for a file that is yet to come. */
static bool is_over(const struct dm_row *row, const struct dm_fingerprint *trigger) {
    bool left = row->state == DM_STATE_DONE || (row->state == DM_STATE_FAILED && row->retired);
    return left && trigger->ctime_ns / 1000 < row->state_utc_us;
}

void dm_trigger_seen(struct dm_inbox *inbox, const char *dir, const struct dm_sweep_entry *entry,
                     const char *triggered) {
    struct dm_pending *pending = dm_pendings_find(inbox->pendings, triggered);
    if (pending != NULL) {
        if (!pending->settle.triggered) {
            dm_pendings_schedule(inbox->pendings, pending, inbox->now_us);
        }
        return;
    }
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, triggered);
    if (row != NULL && is_over(row, &entry->fingerprint)) {
        struct removal *removal = g_new0(struct removal, 1);
        removal->path = dm_path_join(dir, entry->name);
        removal->seen = entry->fingerprint;
        dm_share_push(inbox->share, remove_work, remove_done, removal);
    }
}
