// SPDX-License-Identifier: MIT
//
// Where the page listens: at sockets that a service manager has opened (sd_listen_fds(3)), then
// nowhere else; without any at its own UNIX socket and an address. Where others can come in,
// somebody must ask who they are.
#ifndef DM_WATCHER_PAGE_LISTEN_H
#define DM_WATCHER_PAGE_LISTEN_H

#include "watcher/page/server.h"

#include <glib.h>
#include <stdbool.h>

struct dm_listen {
    // "ADDRESS:PORT"; "": none.
    const char *address;
    // Of the UNIX socket.
    const char *socket;
    // Somebody has chosen these: it is said when they count for nothing.
    bool is_chosen_address, is_chosen_socket;
    // Nobody is asked who he is: only this machine may come in.
    bool is_open;
};

/**
 * Listen. What the environment says of sockets is taken out of it: it is not for what we start.
 *
 * @ret_owns_socket: the file at the UNIX socket's path is ours, and to be removed at the
 * end. Errors: DM_ERROR_CONFIG; DM_ERROR_SYSTEM; DM_ERROR_TRANSIENT when another page listens
 * there.
 */
bool dm_listen(struct dm_server *server, const struct dm_listen *where, bool *ret_owns_socket,
               GError **error);

#endif
