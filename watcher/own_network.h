// SPDX-License-Identifier: MIT
//
// A network that nobody else is in: a network namespace with a loopback of its own. mpirun asks
// for no password, so where all ranks are on this machine it and they are put into one. Sockets in
// the file system, as that of rank 0 to the watcher, reach out of it as before.
//
// As a user this takes a user namespace too, where the system allows one.
#ifndef DM_WATCHER_OWN_NETWORK_H
#define DM_WATCHER_OWN_NETWORK_H

#include <glib.h>
#include <stdbool.h>

/** What a child has to say of itself; written before the fork. */
struct dm_own_network {
    char user_map[64];
    char group_map[64];
};

/** Fill in @network for a child of this process. */
void dm_own_network_prepare(struct dm_own_network *network);

/**
 * Move this process, which must have one thread, into a network of its own. Only calls that are
 * safe between fork and exec.
 *
 * Returns: NULL, or in words what failed, with errno.
 */
const char *dm_own_network_enter(const struct dm_own_network *network);

/** Try it in a child. Errors: DM_ERROR_CONFIG, with the reason and what can be done. */
bool dm_own_network_check(GError **error);

#endif
