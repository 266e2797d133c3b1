// SPDX-License-Identifier: MIT
//
// What can be configured of the store: where it is, how it is reached, who we are to it. The
// configuration embeds this struct and its table of keys writes into it (watcher/config_keys.c).
// Texts are never NULL.
#ifndef DM_WATCHER_STORE_SETTINGS_H
#define DM_WATCHER_STORE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** What an administrator chooses: some of the keys s3.*, see config_keys.c. */
struct dm_store_settings {
    // A bucket, or a directory; "" and "": there is no store.
    char *bucket;
    char *directory;

    // "": Amazon's, by the region; else "https://host[:port]".
    char *endpoint;
    char *region;
    // "auto", "path" or "virtual".
    char *addressing;
    // "": the usual places, in their order. The second and third are secrets.
    char *access_key_id;
    char *secret_access_key;
    char *session_token;
    char *profile;
    // "": the system's.
    char *ca_file;
    bool allow_http;
    // The most requests at once.
    int64_t connections;
};

#endif
