// SPDX-License-Identifier: MIT
//
// What can be configured of the mirror. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c); the mirror and its store obey it. Texts are never NULL.
#ifndef DM_WATCHER_MIRROR_SETTINGS_H
#define DM_WATCHER_MIRROR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** What an administrator chooses: the keys s3.*, see config_keys.c. */
struct dm_mirror_settings {
    // ---- where: a bucket, or a directory; "" and "": no mirror
    char *bucket;
    char *directory;
    // Before the outbox-relative path: "" or "results/".
    char *prefix;

    // ---- how the bucket is reached: store_s3's
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

    // ---- what is said about objects
    // Ordered rules "GLOB: VALUE" or "VALUE"; NULL-terminated. The first that fits counts.
    char **cache_control;
    char **acl;
    char **storage_class;
    char **tags;
    // "", "AES256" or "aws:kms", and the key for the latter.
    char *sse;
    char *sse_kms_key_id;

    // ---- how it is done
    int64_t part_bytes;
    int64_t connections;
    // "off" or "mirror".
    char *deletes;
    // "report" or "reupload".
    char *audit_missing;
    // "park" or "escape".
    char *bad_names;
    // An original stays in the inbox until its result is there.
    bool required;
};

#endif
