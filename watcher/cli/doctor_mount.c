// SPDX-License-Identifier: MIT
//
// What is mounted where, by the tables of the system: no mount is touched.
#include "watcher/cli/doctor.h"

#include "common/path.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>

void dm_doctor_mount_clear(struct dm_doctor_mount *mount) {
    g_free(mount->type);
    g_free(mount->point);
    g_free(mount->source);
    g_free(mount->options);
    *mount = (struct dm_doctor_mount){0};
}

static bool is_at_or_under(const char *path, const char *point) {
    size_t length = strcmp(point, "/") == 0 ? 0 : strlen(point);
    return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/** The entry of @table that @path lies on: the longest, and of those the last. */
static bool find(const char *table, const char *path, struct dm_doctor_mount *ret) {
    FILE *file = setmntent(table, "re");
    size_t longest = 0;
    *ret = (struct dm_doctor_mount){0};
    for (const struct mntent *entry; file != NULL && (entry = getmntent(file)) != NULL;) {
        size_t length = strlen(entry->mnt_dir);
        if (is_at_or_under(path, entry->mnt_dir) && length >= longest) {
            longest = length;
            dm_doctor_mount_clear(ret);
            ret->type = g_strdup(entry->mnt_type);
            ret->point = g_strdup(entry->mnt_dir);
            ret->source = g_strdup(entry->mnt_fsname);
            ret->options = g_strdup(entry->mnt_opts);
        }
    }
    if (file != NULL) {
        endmntent(file);
    }
    return ret->type != NULL;
}

bool dm_doctor_mount_of(const char *path, struct dm_doctor_mount *ret) {
    return find("/proc/self/mounts", path, ret);
}

char *dm_doctor_unmounted(const char *path) {
    struct dm_doctor_mount wanted, is;
    char *point = NULL;
    if (find("/etc/fstab", path, &wanted) && dm_doctor_mount_of(path, &is)) {
        point = strlen(wanted.point) > strlen(is.point) ? g_strdup(wanted.point) : NULL;
        dm_doctor_mount_clear(&is);
    }
    dm_doctor_mount_clear(&wanted);
    return point;
}

bool dm_doctor_mount_has(const struct dm_doctor_mount *mount, const char *option) {
    g_auto(GStrv) options = g_strsplit(mount->options, ",", -1);
    return g_strv_contains((const char *const *)options, option);
}
