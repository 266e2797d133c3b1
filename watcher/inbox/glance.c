// SPDX-License-Identifier: MIT
//
// See glance.h. The path may lead over a symlink that somebody has put there, but nothing is
// opened, and nothing elsewhere has the same number, birth and times.
#include "watcher/inbox/glance.h"

#include "common/fsutil.h"

#include <errno.h>

#define DIRS_PER_TRIP 4000 // others work on the share, too

static void clear_dir(void *data) {
    g_free(((struct dm_glance_dir *)data)->path);
}

struct dm_glance *dm_glance_new(void *owner) {
    struct dm_glance *glance = g_new0(struct dm_glance, 1);
    glance->owner = owner;
    glance->dirs = g_array_new(FALSE, FALSE, sizeof(struct dm_glance_dir));
    g_array_set_clear_func(glance->dirs, clear_dir);
    return glance;
}

void dm_glance_free(struct dm_glance *glance) {
    if (glance != NULL) {
        g_array_unref(glance->dirs);
        g_free(glance);
    }
}

void dm_glance_add(struct dm_glance *glance, const char *path, const struct dm_fingerprint *stamp) {
    const struct dm_glance_dir dir = {.path = g_strdup(path), .stamp = *stamp};
    g_array_append_val(glance->dirs, dir);
}

int dm_glance_work(const struct dm_share_dirs *dirs, void *job) {
    struct dm_glance *glance = job;
    guint end = MIN(glance->dirs->len, glance->next + DIRS_PER_TRIP);
    for (; glance->next < end; glance->next++) {
        struct dm_glance_dir *dir =
            &g_array_index(glance->dirs, struct dm_glance_dir, glance->next);
        const char *path = *dir->path != '\0' ? dir->path : ".";
        struct dm_fingerprint found;
        bool there = dm_fingerprint_at(dirs->rooms[DM_SHARE_INBOX], path, &found, NULL) == 0;
        if (!there && dm_errno_is_offline(errno)) {
            return errno;
        }
        dir->changed =
            !there || found.links != dir->stamp.links || !dm_fingerprint_equal(&found, &dir->stamp);
    }
    return 0;
}
