// SPDX-License-Identifier: MIT
//
// See mirror_store.h.
#include "watcher/mirror/mirror_store.h"

#include "common/error.h"
#include "watcher/mirror/store_dir.h"
#include "watcher/mirror/store_s3.h"

#include <string.h>

/** A prefix is the beginning of a key: what would make it no path is refused. */
static bool check(const struct dm_mirror_settings *settings, GError **error) {
    if (*settings->bucket != '\0' && *settings->directory != '\0') {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.bucket '%s' and s3.directory '%s' are both set, expected one",
                       settings->bucket, settings->directory);
    }
    if (*settings->prefix == '/' || strstr(settings->prefix, "//") != NULL ||
        !g_utf8_validate(settings->prefix, -1, NULL)) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.prefix: '%s' begins with a slash or has two in a row, expected such as "
                       "\"results/\"",
                       settings->prefix);
    }
    return true;
}

struct dm_store *dm_mirror_store_new(const struct dm_mirror_settings *settings, GError **error) {
    if (!check(settings, error)) {
        return NULL;
    }
    if (*settings->directory != '\0') {
        return dm_store_dir_new(settings->directory);
    }
    return dm_store_s3_new(settings, NULL, error);
}
