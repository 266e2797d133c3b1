// SPDX-License-Identifier: MIT
//
// Where things are: the share that is meant, its identity, its ledger and control socket. What both
// dropmilld and dropmill must find the same way.
#ifndef DM_WATCHER_PLACES_H
#define DM_WATCHER_PLACES_H

#include "watcher/config.h"

#include <glib.h>

/** The places of one share; all absolute. */
struct dm_places {
    char *share;
    // From .dropmill/root.id.
    char *share_id;
    // The share as it was written, made absolute; perhaps by way of links.
    char *meant;
    // (nullable) Why its identity cannot be read: all this is from memory.
    char *away;
    // STATE_DIR/<share id>/ledger.db, never on the share; that of the machine's service where there
    // is none of ours and we may look.
    char *ledger;
    // RUNTIME_DIR/<share id>: sessions.
    char *runtime_dir;
    // RUNTIME_DIR/<share id>/control.sock.
    char *control;
};

/**
 * Find a share: the configured one, else the one that the working directory lies in. Errors, which
 * begin with what has named the share if that was no option: DM_ERROR_CONFIG when none is meant or
 * the directory is no share (names `dropmill setup`), DM_ERROR_TRANSIENT when it was one when it
 * was watched last.
 */
struct dm_places *dm_places_find(const struct dm_config *config, GError **error);

/**
 * The same by what is remembered of the last time that it was watched; nothing on the share is
 * touched. NULL: none is meant, or it is not known.
 */
struct dm_places *dm_places_recall(const struct dm_config *config);

/** The places of the share @id at @share (real), which was written @meant: nothing is looked for.
 */
struct dm_places *dm_places_new(const struct dm_config *config, const char *share, const char *id,
                                const char *meant);

/** Accepts NULL. */
void dm_places_free(struct dm_places *places);

/** Make the state and runtime directories of a share (0750: the page, another user of the group,
 * reads the ledger and asks the control socket). Errors: DM_ERROR_SYSTEM. */
bool dm_places_make(const struct dm_places *places, GError **error);

/** Remember where the share is, for dm_places_recall(). Errors: DM_ERROR_SYSTEM. */
bool dm_places_remember(const struct dm_places *places, GError **error);

/**
 * The default state directory: $STATE_DIRECTORY of a service manager, else /var/lib for root, else
 * in $XDG_STATE_HOME or ~/.local/state.
 */
char *dm_default_state_dir(void);

/**
 * The runtime directory, of all shares: as configured, else $RUNTIME_DIRECTORY of a service
 * manager, in /run for root, in $XDG_RUNTIME_DIR, /tmp/dropmill-UID, or `run` in the state
 * directory when that was somebody else's; (transfer full).
 */
char *dm_runtime_top(const struct dm_config *config);

#endif
