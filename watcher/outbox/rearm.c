// SPDX-License-Identifier: MIT
//
// See rearm.h.
#include "watcher/outbox/rearm.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"
#include "watcher/share/put_back.h"

#include <fcntl.h>

/** What the file is called in @dir_fd, by its number, whatever is in it now, (transfer full); NULL:
 * it is not there. */
static char *find(int dir_fd, const struct dm_row *row, struct dm_fingerprint *ret_found) {
    for (unsigned n = 1;; n++) {
        g_autofree char *name = dm_move_numbered(dm_path_base(row->path), n);
        if (dm_fingerprint_at(dir_fd, name, ret_found, NULL) != 0) {
            return NULL;
        }
        if (ret_found->ino == row->fingerprint.ino &&
            ret_found->btime_ns == row->fingerprint.btime_ns) {
            return g_steal_pointer(&name);
        }
    }
}

static bool has_changed(const struct dm_row *row, const struct dm_fingerprint *found) {
    return found->size_bytes != row->fingerprint.size_bytes ||
           found->mtime_ns != row->fingerprint.mtime_ns;
}

void dm_rearm_failed(const struct dm_share_dirs *dirs, struct dm_file_op *op) {
    const struct dm_row *row = op->row;
    struct dm_fingerprint found;
    g_autofree char *dir = dm_path_dir(row->path);
    int failed_fd = dirs->rooms[DM_SHARE_FAILED];
    DM_AUTO_CLOSE int from = dm_open_beneath(failed_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    g_autofree char *name = from >= 0 ? find(from, row, &found) : NULL;
    if (name == NULL || !has_changed(row, &found)) {
        return;
    }
    g_autofree char *path = dm_path_join(dir, name);
    (void)!dm_put_back(failed_fd, dirs->rooms[DM_SHARE_INBOX], path, row->path); // next time, then
}
