// SPDX-License-Identifier: MIT
//
// What the daemon tells of itself, put together from its rooms: status (status.h) and metrics
// (metrics.h), to those who ask (requests.h) and in a file (metrics_file.h).
#ifndef DM_WATCHER_DAEMON_TOLD_H
#define DM_WATCHER_DAEMON_TOLD_H

#include "watcher/daemon.h"

/** All there is to tell, as dm_status_write() writes it; (transfer full). */
char *dm_daemon_status(const struct dm_daemon *daemon);

/** The same as dm_metrics_write() writes it; (transfer full). */
char *dm_daemon_metrics(struct dm_daemon *daemon);

/** Have the metrics written into their file, if one is configured, by a room of the daemon's. */
void dm_daemon_write_metrics(struct dm_daemon *daemon);

#endif
