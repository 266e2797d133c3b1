// SPDX-License-Identifier: MIT
//
// What can be configured of the outbox. The configuration embeds this struct and its table of keys
// writes into it (watcher/config_keys.c); the outbox obeys it.
#ifndef DM_WATCHER_OUTBOX_SETTINGS_H
#define DM_WATCHER_OUTBOX_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define DM_KEEP_FOREVER INT64_MAX
#define DM_KEEP_LEAVE INT64_C(-1)

/** What an administrator chooses: the keys originals.* and outbox.*, see config_keys.c. */
struct dm_outbox_settings {
    /** How long originals are kept; DM_KEEP_FOREVER; 0 deletes at once; DM_KEEP_LEAVE: they
     * stay in the inbox. */
    int64_t keep_us;
    /** Parked rows are tried again after this. */
    int64_t retry_us;
};

#endif
