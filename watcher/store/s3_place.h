// SPDX-License-Identifier: MIT
//
// Where a bucket is: the host, and whether the bucket is in its name or in the path. Pure.
#ifndef DM_WATCHER_STORE_S3_PLACE_H
#define DM_WATCHER_STORE_S3_PLACE_H

#include "watcher/store/settings.h"

#include <glib.h>

/** Owns its texts. */
struct dm_s3_place {
    char *bucket;
    // "https", "http".
    char *scheme;
    // As in the header Host: with a port that is not the scheme's own; without the bucket.
    char *host;
    // The bucket is in front of the host.
    bool is_virtual;
    // The host follows from the region.
    bool is_amazon;
    bool allow_http;
};

/**
 * Find it out of bucket, endpoint, addressing and allow_http of @settings, and @region.
 *
 * Errors: DM_ERROR_CONFIG.
 */
bool dm_s3_place_init(struct dm_s3_place *place, const struct dm_store_settings *settings,
                      const char *region, GError **error);
void dm_s3_place_clear(struct dm_s3_place *place);

/** The bucket is in another region than was thought. */
void dm_s3_place_move(struct dm_s3_place *place, const char *region);

/** The host to talk to, as in the header Host; (transfer full). */
char *dm_s3_place_host(const struct dm_s3_place *place);

/** The path of @key on that host, not encoded; (transfer full). */
char *dm_s3_place_path(const struct dm_s3_place *place, const char *key);

/** The host that a redirect to @url may lead us to, as in the header Host: one of the same site,
 * and not less safe; (transfer full). NULL: we do not go there. */
char *dm_s3_place_follow(const struct dm_s3_place *place, const char *url);

#endif
