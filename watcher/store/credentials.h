// SPDX-License-Identifier: MIT
//
// Credentials that are always there: looked for in the usual places (credentials_places.h), fetched
// anew ten minutes before they expire, on a thread of its own that lives as long as one search.
// They are in no log, and what of them is in the environment is taken out of it, so that no child
// has it.
//
//   none --search--> have --10 min before the end, or refused--> have, and search --> have
//     ^                                                                |
//     +--- failed: searched again after 5, 10 .. 60 s -----------------+
//
// Threads: one, the store's.
#ifndef DM_WATCHER_STORE_CREDENTIALS_H
#define DM_WATCHER_STORE_CREDENTIALS_H

#include "watcher/store/credentials_places.h"

enum dm_credentials_state {
    DM_CREDENTIALS_READY,
    // Being searched for; `wake` is called when that has ended.
    DM_CREDENTIALS_PENDING,
    DM_CREDENTIALS_FAILED,
};

struct dm_credentials;

/** @hints: (transfer full), of its texts. @wake: is called with @user on another thread. */
struct dm_credentials *dm_credentials_new(struct dm_credentials_hints *hints,
                                          void (*wake)(void *user), void *user);

/**
 * Say where we are at @now_utc_us, and search if that is due.
 *
 * @ret_set         READY: valid until the next call; borrowed.
 * @ret_generation  READY: for dm_credentials_refuse().
 * @ret_error       FAILED: why; borrowed. DM_ERROR_CONFIG: somebody must do something.
 */
enum dm_credentials_state dm_credentials_get(struct dm_credentials *credentials, int64_t now_utc_us,
                                             const struct dm_credentials_set **ret_set,
                                             unsigned *ret_generation, const GError **ret_error);

/** The store refuses those of @generation (older ones are over already): search anew. Returns false
 * if there can be no others. */
bool dm_credentials_refuse(struct dm_credentials *credentials, unsigned generation);

/** When they expire, 0: never, or none; and where they are from, "" for none. */
void dm_credentials_status(const struct dm_credentials *credentials, int64_t *ret_expire_utc_us,
                           const char **ret_source);

/** Waits for a search to be given up. Accepts NULL. */
void dm_credentials_free(struct dm_credentials *credentials);

#endif
