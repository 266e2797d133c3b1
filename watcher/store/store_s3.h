// SPDX-License-Identifier: MIT
//
// A bucket of S3, or of anything that speaks like it, as a store: libcurl's multi interface, on the
// thread of the store; see store_s3.c.
#ifndef DM_WATCHER_STORE_STORE_S3_H
#define DM_WATCHER_STORE_STORE_S3_H

#include "watcher/store/settings.h"
#include "watcher/store/store.h"

/** What only tests choose; 0 is the usual. */
struct dm_store_s3_options {
    // Our clock.
    int64_t (*now_utc_us)(void);
    // A connection on which nothing moves is given up after so long: 30 s.
    int stall_s;
};

/**
 * A store for the bucket of @settings (borrowed for the call). Nothing is asked of the network: see
 * dm_store_probe(). Reads the environment, so call it before there are threads.
 *
 * @options  (nullable).
 * Errors: DM_ERROR_CONFIG.
 */
struct dm_store *dm_store_s3_new(const struct dm_store_settings *settings,
                                 const struct dm_store_s3_options *options, GError **error);

#endif
