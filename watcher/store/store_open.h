// SPDX-License-Identifier: MIT
//
// The store that is configured, whichever it is: the daemon's rooms and the commands about the
// bucket make it by these settings alone.
#ifndef DM_WATCHER_STORE_STORE_OPEN_H
#define DM_WATCHER_STORE_STORE_OPEN_H

#include "watcher/store/settings.h"
#include "watcher/store/store.h"

#include <glib.h>

/** Say whether one is configured. */
bool dm_store_is_named(const struct dm_store_settings *settings);

/** Make it. Nothing is asked of it yet; from now on this process leaves no core. @settings are
 * borrowed for its life. Errors: DM_ERROR_CONFIG: settings that contradict each other;
 * DM_ERROR_SYSTEM. */
struct dm_store *dm_store_open(const struct dm_store_settings *settings, GError **error);

#endif
