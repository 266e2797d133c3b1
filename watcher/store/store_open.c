// SPDX-License-Identifier: MIT
//
// See store_open.h.
#include "watcher/store/store_open.h"

#include "common/error.h"
#include "watcher/store/store_dir.h"
#include "watcher/store/store_s3.h"

bool dm_store_is_named(const struct dm_store_settings *settings) {
    return *settings->bucket != '\0' || *settings->directory != '\0';
}

struct dm_store *dm_store_open(const struct dm_store_settings *settings, GError **error) {
    if (*settings->bucket != '\0' && *settings->directory != '\0') {
        dm_fail(error, DM_ERROR_CONFIG,
                "s3.bucket '%s' and s3.directory '%s' are both set, expected one", settings->bucket,
                settings->directory);
        return NULL;
    }
    if (*settings->directory != '\0') {
        return dm_store_dir_new(settings->directory);
    }
    return dm_store_s3_new(settings, NULL, error);
}
