// SPDX-License-Identifier: MIT
//
// What can be configured of the S3 inbox. The configuration embeds this struct and its table of
// keys writes into it (watcher/config_keys.c). Where the bucket is: store/settings.h. Texts are
// never NULL.
#ifndef DM_WATCHER_S3_INBOX_SETTINGS_H
#define DM_WATCHER_S3_INBOX_SETTINGS_H

#include <stdint.h>

/** What an administrator chooses: the keys s3_inbox.*, see config_keys.c. */
struct dm_s3_inbox_settings {
    // What keys begin with, ending in a slash; "": there is no S3 inbox.
    char *prefix;
    // What becomes of an object that was answered: "keep", "delete" or "move".
    char *after;
    // The bucket is listed so often.
    int64_t poll_us;
    // So much must stay free on the share.
    int64_t min_free_bytes;
};

#endif
