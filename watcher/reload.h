// SPDX-License-Identifier: MIT
//
// SIGHUP: the whole configuration is read anew. If all of it is good, the rooms end as they do when
// we stop, and this process begins again: so no room has to know which of its settings may change.
// If not, the one in use stays in use, and what is wrong is said. While the share is away nothing
// can begin on it: a good configuration then waits until it is back.
#ifndef DM_WATCHER_RELOAD_H
#define DM_WATCHER_RELOAD_H

#include "watcher/daemon.h"

#include <glib.h>

/** Let a SIGHUP wait from here on, until dm_reload_take(). Before all threads. */
void dm_reload_hold(void);

/** Take SIGHUPs, on this thread's main context, the one that has waited first. Before the daemon
 * runs. */
void dm_reload_take(struct dm_daemon *daemon);

/**
 * Begin again in this process, as @argv, with the program that is now where ours was at @self: it
 * may be a newer one. Returns only on failure; @error: DM_ERROR_SYSTEM.
 */
void dm_reload_begin(const char *self, char **argv, GError **error);

#endif
