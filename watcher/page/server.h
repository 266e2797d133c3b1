// SPDX-License-Identifier: MIT
//
// HTTP: listens, guards, finds out who asks, and hands requests on. The only file that knows
// libmicrohttpd, which runs on the main loop without a thread of its own.
//
// Nobody may keep a connection busy with nothing: a head that is not whole in 10 s, a connection on
// which nothing is asked for 10 s, a body that brings less than 1 KB a second over 30 s, an answer
// that is not read for 60 s are cut.
#ifndef DM_WATCHER_PAGE_SERVER_H
#define DM_WATCHER_PAGE_SERVER_H

#include "watcher/page/server_records.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_server;

/** @settings and what it points to are borrowed. */
struct dm_server *dm_server_new(const struct dm_server_settings *settings,
                                const struct dm_server_calls *calls);

/** Serve at @fd, which listens (transfer full). Errors: DM_ERROR_SYSTEM. */
bool dm_server_listen(struct dm_server *server, int fd, GError **error);

void dm_server_status(const struct dm_server *server, struct dm_server_status *ret);

/** Accepts NULL. */
void dm_server_free(struct dm_server *server);

#endif
