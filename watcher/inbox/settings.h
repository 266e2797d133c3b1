// SPDX-License-Identifier: MIT
//
// What can be configured of the inbox. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c); the inbox obeys it.
#ifndef DM_WATCHER_INBOX_SETTINGS_H
#define DM_WATCHER_INBOX_SETTINGS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** How long a file must be still, by what speaks for it: see settle.c. Keys inbox.settle_*. */
struct dm_inbox_waits {
    /** Renamed or linked in, proved whole or not. */
    int64_t moved_us, moved_unproved_us;
    /** Closed after writing, proved whole or not. */
    int64_t closed_us, closed_unproved_us;
    /** Nobody was seen to write it; the same on a network file system. */
    int64_t unseen_us, unseen_remote_us;
    /** Still open, of a kind whose end cannot be told. */
    int64_t open_us;
    /** A hole in it, or its end is missing; the same on a network file system. */
    int64_t cut_us, cut_remote_us;
    /** The most that is waited for a writer that closes and comes back. */
    int64_t returns_us;
    /** The most that is waited for Finder. */
    int64_t finder_us;
    /** Behind the name: such a file says that the file is finished, and nothing else does; "": none
     * is asked for. */
    char *trigger;
};

/** Other waits in some folders. */
struct dm_inbox_folder_waits {
    // Of a folder's path below the inbox.
    char *glob;
    // `trigger` is its own.
    struct dm_inbox_waits waits;
};

/** What an administrator chooses: the keys inbox.* and folders.*, see config_keys.c. */
struct dm_inbox_settings {
    struct dm_inbox_waits waits;
    /** (nullable) Rules "GLOB: KEY=VALUE ...", NULL-terminated, as they were written. */
    char **folders;
    /** (nullable) What they say: of struct dm_inbox_folder_waits; the first that fits counts. */
    GPtrArray *folder_waits;
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
