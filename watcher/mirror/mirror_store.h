// SPDX-License-Identifier: MIT
//
// The store that is configured, whichever it is: the daemon's mirror and `dropmill s3` make it by
// these settings alone.
#ifndef DM_WATCHER_MIRROR_MIRROR_STORE_H
#define DM_WATCHER_MIRROR_MIRROR_STORE_H

#include "watcher/mirror/settings.h"
#include "watcher/mirror/store.h"

#include <glib.h>

/** Make it. Nothing is asked of it yet. @settings are borrowed for its life. Errors:
 * DM_ERROR_CONFIG: settings that contradict each other; DM_ERROR_SYSTEM. */
struct dm_store *dm_mirror_store_new(const struct dm_mirror_settings *settings, GError **error);

#endif
