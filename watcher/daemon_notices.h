// SPDX-License-Identifier: MIT
//
// Who tells people what has become of drops, and what is wrong, as `dropmill status` has it.
#ifndef DM_WATCHER_DAEMON_NOTICES_H
#define DM_WATCHER_DAEMON_NOTICES_H

#include "watcher/daemon.h"

#include <glib.h>
#include <stdbool.h>

/** Build the notices and give them their turns, if anybody is to be told; all rooms stand. Errors:
 * those of dm_notices_new(). */
bool dm_daemon_tell_people(struct dm_daemon *daemon, GError **error);

#endif
