// SPDX-License-Identifier: MIT
//
// What the files of the way by a bucket share; see send_s3.h.
#ifndef DM_WATCHER_CLI_SEND_S3_ROAD_H
#define DM_WATCHER_CLI_SEND_S3_ROAD_H

#include "watcher/cli/errands.h"
#include "watcher/cli/send.h"
#include "watcher/cli/send_talk.h"
#include "watcher/store/settings.h"

// A larger file goes in parts of this size.
#define DM_SEND_PART_BYTES (INT64_C(16) << 20)

/** An upload in parts that will not be completed. */
struct dm_send_orphan {
    char *key, *upload_id;
};

/** The bucket, and how far we are there. */
struct dm_send_road {
    struct dm_send *send;
    // Texts are borrowed from the configuration, but for the bucket.
    struct dm_store_settings settings;
    char *bucket, *prefix;
    struct dm_send_host host;
    struct dm_errands *errands;

    // Prefixes of keys of this send.
    char *inputs, *answers, *results;
    // By name: struct dm_send_file.
    GHashTable *files;
    // By name: struct dm_store_entry of inputs that were there; and what had an answer.
    GHashTable *inputs_there, *answers_there;
    // The next of send->files to begin with.
    guint next;
    // Of struct dm_send_orphan.
    GPtrArray *orphans;

    // A listing of the answers is under way; when the next one is due, and how long after that.
    bool is_listing, has_news;
    int64_t list_us, list_delay_us;
    // By key: the ETag of the answer that was read.
    GHashTable *read;
    // Keys of answers that nobody needs any more. Of char *.
    GPtrArray *spent;
};

#endif
