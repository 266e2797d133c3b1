// SPDX-License-Identifier: MIT
//
// Guard: is the share really there? A share that is not mounted looks like an empty directory, and
// from an empty inbox one would conclude that every file was taken away. So each look at the share
// goes through a descriptor of a root that has just proved itself by its marker; what is found
// beneath that descriptor cannot come from anywhere else, whatever is mounted meanwhile.
//
// A guard is used by one thread at a time: by dm_inbox_new() first, by jobs on the lane from then
// on.
#ifndef DM_WATCHER_INBOX_GUARD_H
#define DM_WATCHER_INBOX_GUARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_guard;

/** Learn what the share looks like. Errors: DM_ERROR_CONFIG when there is none at @share. */
struct dm_guard *dm_guard_new(const char *share, GError **error);
void dm_guard_free(struct dm_guard *guard);

/**
 * Open the inbox of the share if it is the share that we know: same marker, same device. Another
 * device is refused once; if the marker is the very same file there, that device is the share from
 * then on (it was mounted anew). Returns a descriptor, or -1 with @ret_problem (transfer full):
 * "the share '/x' is offline: ...".
 */
int dm_guard_open(struct dm_guard *guard, char **ret_problem);

/** Say whether @errnum, from anything beneath the root, means that the share itself is in trouble.
 */
bool dm_guard_is_offline_errno(int errnum);

/** How long to wait after @failures tries in a row: 1, 2, 4 .. 30 s. Pure. */
int64_t dm_guard_delay_us(unsigned failures);

#endif
