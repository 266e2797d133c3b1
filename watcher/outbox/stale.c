// SPDX-License-Identifier: MIT
//
// Stale files: see stale.h.
#include "watcher/outbox/stale.h"

#include "common/path.h"
#include "watcher/share/note_file.h"
#include "watcher/share/walk.h"

#include <errno.h>
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

int dm_stale_remove_original(int originals_fd, const char *path) {
    if (dm_remove_beneath(originals_fd, path) != 0) {
        return -1;
    }
    g_autofree char *dir = dm_path_dir(path);
    dm_remove_empty_dirs(originals_fd, dir);
    return 0;
}
