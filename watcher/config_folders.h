// SPDX-License-Identifier: MIT
//
// What the rules in inbox.folders say: each is a glob and other values of keys of the inbox.
#ifndef DM_WATCHER_CONFIG_FOLDERS_H
#define DM_WATCHER_CONFIG_FOLDERS_H

#include "watcher/settings.h"

#include <glib.h>

/** Raise the waits that are "the same or longer" to what they must be at least. */
void dm_config_complete_waits(struct dm_inbox_waits *waits);

/**
 * Read the rules in @config on top of its values for all folders. Returns: struct
 * dm_inbox_folder_waits, (transfer full); NULL: a rule is wrong. Errors: DM_ERROR_CONFIG.
 */
GPtrArray *dm_config_folder_waits(const struct dm_config *config, GError **error);

#endif
