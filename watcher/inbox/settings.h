// SPDX-License-Identifier: MIT
//
// What can be configured of the inbox. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c); the inbox obeys it.
#ifndef DM_WATCHER_INBOX_SETTINGS_H
#define DM_WATCHER_INBOX_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/** What an administrator chooses: the keys inbox.* and folders.*, see config_keys.c. */
struct dm_inbox_settings {
    /** Quiet time of a file once a close was seen, and when none was. */
    int64_t settle_closed_us, settle_unseen_us;
    /** Every directory is read again after this. */
    int64_t sweep_us;
    /** A folder nobody understands yet gets no note for so long. */
    int64_t rename_grace_us;
    /** So many folders are looked at, in all; further ones are left alone. */
    int64_t max_folders;
    /** (nullable) Further glob patterns, NULL-terminated. */
    char **ignore;
    /** Only folders that are recipes. */
    bool recipes_only;
};

#endif
