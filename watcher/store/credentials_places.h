// SPDX-License-Identifier: MIT
//
// Where credentials come from: a chain of places, the first that has any is it. Waits for files,
// programs and the network; credentials.h runs it where nobody is held up.
#ifndef DM_WATCHER_STORE_CREDENTIALS_PLACES_H
#define DM_WATCHER_STORE_CREDENTIALS_PLACES_H

#include "watcher/store/credentials_set.h"

/** Look at what is fixed only: the configuration, the environment. Says whether there are any.
 * Never waits. */
bool dm_credentials_look_fixed(const struct dm_credentials_hints *hints,
                               struct dm_credentials_set *ret);

/**
 * Look at all places after these: profile files (keys, credential_process, web identity), web
 * identity, the container's service, the machine's (IMDSv2).
 *
 * Errors: DM_ERROR_CONFIG when there are none anywhere, or a place is wrong; DM_ERROR_TRANSIENT
 * when it does not answer; DM_ERROR_CANCELLED after @stop.
 */
bool dm_credentials_look(const struct dm_credentials_hints *hints, const atomic_bool *stop,
                         struct dm_credentials_set *ret, GError **error);

#endif
