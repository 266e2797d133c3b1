// SPDX-License-Identifier: MIT
//
// Where things are: the share that is meant, its identity, its ledger and control socket, the
// worker. What both dropmilld and dropmill must find the same way.
#ifndef DM_WATCHER_PLACES_H
#define DM_WATCHER_PLACES_H

#include "common/catalogue.h"
#include "watcher/config.h"

#include <glib.h>

/** The places of one share; all absolute. */
struct dm_places {
    char *share;
    char *share_id;    // from .dropmill/root.id
    char *ledger;      // STATE_DIR/<share id>/ledger.db, never on the share
    char *runtime_dir; // RUNTIME_DIR/<share id>: sessions
    char *control;     // RUNTIME_DIR/<share id>/control.sock
};

/**
 * Find a share: @share if given, else the configured one, else the one that the working directory
 * lies in. Errors: DM_ERROR_CONFIG when none is meant or the directory is no share (names `dropmill
 * setup`).
 */
struct dm_places *dm_places_find(const struct dm_config *config, const char *share, GError **error);
void dm_places_free(struct dm_places *places);

/**
 * Sign the share's lock file, open for writing as @lock_fd: our process id and user name. To tell
 * people is all it is for, so that it fails (a full disk) is no reason not to watch.
 */
void dm_places_sign_lock(int lock_fd);

/**
 * Who watches the share, by its lock: the name of the user (transfer full), "" if the lock is held
 * but not signed, NULL if nobody does. @ret_pid: the process, 0 if not signed.
 */
char *dm_places_watcher(const struct dm_places *places, int64_t *ret_pid);

/** Make the state and runtime directories of a share (0700). Errors: DM_ERROR_SYSTEM. */
bool dm_places_make(const struct dm_places *places, GError **error);

/**
 * The default state and runtime directories: /var/lib and /run for root, else $XDG_STATE_HOME (or
 * ~/.local/state) and $XDG_RUNTIME_DIR (or /tmp/dropmill-UID, as in "/tmp/dropmill-1000");
 * (transfer full).
 */
char *dm_default_state_dir(void);
char *dm_default_runtime_dir(void);

/**
 * The worker: as configured, else beside this program, else in ../libexec/dropmill from there, else
 * in /usr/libexec/dropmill; (transfer full).
 */
char *dm_find_worker(const struct dm_config *config, GError **error);

/** Run `WORKER --catalogue` with @args (nullable, NULL-terminated) and parse it. Errors:
 * DM_ERROR_CONFIG, DM_ERROR_REMOTE. */
struct dm_catalogue *dm_read_catalogue(const char *worker, const char *const *args, GError **error);

#endif
