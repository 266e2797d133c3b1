// SPDX-License-Identifier: MIT
//
// What can be configured of the mirror. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c). Where the store is: store/settings.h. Texts are never
// NULL.
#ifndef DM_WATCHER_MIRROR_SETTINGS_H
#define DM_WATCHER_MIRROR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** What an administrator chooses: some of the keys s3.*, see config_keys.c. */
struct dm_mirror_settings {
    // Before the outbox-relative path: "" or "results/".
    char *prefix;

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
