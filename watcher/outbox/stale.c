// SPDX-License-Identifier: MIT
//
// Stale files: see stale.h.
#include "watcher/outbox/stale.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/move.h"
#include "watcher/share/note_file.h"
#include "watcher/share/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// ---- visitors

void dm_stale_find_temps(int dir_fd, const char *dir, GPtrArray *names, void *data) {
    (void)dir_fd;
    GPtrArray *found = data;
    for (guint i = 0; i < names->len; i++) {
        int64_t id, attempt;
        if (dm_temp_name_parse(names->pdata[i], &id, &attempt)) {
            g_ptr_array_add(found, dm_path_join(dir, names->pdata[i]));
        }
    }
}

/** The names that the notes of @names have or would have. */
static GHashTable *notes_of(GPtrArray *names) {
    GHashTable *notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < names->len; i++) {
        g_hash_table_add(notes, dm_note_file_name(names->pdata[i]));
    }
    return notes;
}

void dm_stale_drop_notes(int dir_fd, const char *dir, GPtrArray *names, void *data) {
    const int *failed_fd = data;
    g_autoptr(GHashTable) wanted = notes_of(names);
    bool dropped = false;
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        bool stale = dm_note_file_is_half(dir_fd, name) ||
                     (g_str_has_suffix(name, ".txt") && !g_hash_table_contains(wanted, name) &&
                      dm_note_file_is_ours(dir_fd, name));
        dropped = (stale && unlinkat(dir_fd, name, 0) == 0) || dropped;
    }
    if (dropped) {
        dm_remove_empty_dirs(*failed_fd, dir);
    }
}

// ---- removing

int dm_stale_remove_temp(int outbox_fd, const char *path) {
    int64_t id, attempt;
    if (!dm_temp_name_parse(dm_path_base(path), &id, &attempt)) {
        errno = EINVAL; // whatever it is, it is not ours to delete
        return -1;
    }
    return dm_remove_ours_beneath(outbox_fd, path);
}

/** Judge what is there, and remove it in the same directory: nothing above can lead elsewhere. */
static enum dm_fate remove_original(int dir_fd, const struct dm_kept *kept, int64_t before_utc_us) {
    const char *name = dm_path_base(kept->path);
    struct dm_fingerprint found;
    if (dm_fingerprint_at(dir_fd, name, &found, NULL) != 0) {
        return errno == ENOENT ? DM_FATE_GONE : DM_FATE_REFUSED;
    }
    if (kept->put.ino == 0 || !dm_move_is_same(dir_fd, name, &kept->put)) {
        return DM_FATE_OTHERS;
    }
    if (found.ctime_ns / 1000 > before_utc_us) {
        return DM_FATE_YOUNG;
    }
    return unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT ? DM_FATE_GONE : DM_FATE_REFUSED;
}

enum dm_fate dm_stale_remove_original(int originals_fd, const struct dm_kept *kept,
                                      int64_t before_utc_us) {
    g_autofree char *dir = dm_path_dir(kept->path);
    DM_AUTO_CLOSE int dir_fd = dm_open_beneath(originals_fd, dir, O_RDONLY | O_DIRECTORY, 0);
    if (dir_fd < 0) {
        return dm_errno_is_gone(errno) ? DM_FATE_GONE : DM_FATE_REFUSED;
    }
    enum dm_fate fate = remove_original(dir_fd, kept, before_utc_us);
    if (fate == DM_FATE_GONE) {
        dm_remove_empty_dirs(originals_fd, dir);
    }
    return fate;
}
