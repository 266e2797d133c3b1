// SPDX-License-Identifier: MIT
//
// The daemon's metrics, put together from its rooms: for those who ask (requests.h) and in a file
// (metrics_file.h).
#ifndef DM_WATCHER_DAEMON_METRICS_H
#define DM_WATCHER_DAEMON_METRICS_H

#include "watcher/daemon.h"

/** All there is to count, as dm_metrics_write() writes it; (transfer full). */
char *dm_daemon_metrics(struct dm_daemon *daemon);

/** Have the metrics written into their file, if one is configured, by a room of the daemon's. */
void dm_daemon_write_metrics(struct dm_daemon *daemon);

#endif
