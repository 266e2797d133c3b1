// SPDX-License-Identifier: MIT
//
// What all rooms of the daemon say of themselves at one moment, as the table of status.h has it.
#ifndef DM_WATCHER_DAEMON_STATUS_H
#define DM_WATCHER_DAEMON_STATUS_H

#include "watcher/daemon.h"
#include "watcher/status.h"

/** Ask all rooms, which must stand. @hosts: of dm_engine_hosts(); borrowed by @ret. */
void dm_daemon_look(const struct dm_daemon *daemon, const GPtrArray *hosts,
                    struct dm_daemon_status *ret);

/** All there is to tell, as dm_status_write() writes it; (transfer full). */
char *dm_daemon_status(const struct dm_daemon *daemon);

#endif
