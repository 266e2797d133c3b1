// SPDX-License-Identifier: MIT
//
// One job from start to end: mpirun (or the rank that needs none), its private directory, the
// socket to rank 0, what it writes to stderr, its death, and the deaths of its ranks. Knows lines
// and processes; what they mean for files is in runner.h.
//
// The words: a *job* is what the ledger numbers, what status and logs name and what a row
// remembers; the *session* is the object here that runs it. Nothing else is called by either.
#ifndef DM_WATCHER_ENGINE_SESSION_H
#define DM_WATCHER_ENGINE_SESSION_H

#include "common/wire.h"
#include "watcher/engine/health.h"
#include "watcher/engine/now.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a session tells. Called from the main context only. @now: when it was heard. */
struct dm_session_events {
    void (*up)(void *data, const struct dm_hello *hello, struct dm_now now);
    void (*result)(void *data, const struct dm_result *result, struct dm_now now);
    void (*event)(void *data, const struct dm_event *event, struct dm_now now);
    /** The last call: mpirun and all ranks of this machine are gone. May free the session. */
    void (*over)(void *data, const struct dm_ending *ending, struct dm_now now);
    void *data;
};

/** Borrowed for the call. */
struct dm_session_config {
    int64_t job;
    // Absolute; is made, and removed when all ranks are gone.
    const char *dir;
    // (nullable) The file that its story is written to, see story.h.
    const char *story;
    // Both NULL-terminated.
    const char *const *argv;
    const char *const *env;
    // The program is the only rank itself: there is no mpirun.
    bool alone;
    // It and its ranks are in a network of their own.
    bool own_network;
    // Rank 0 must have said hello within this.
    int64_t connect_us;
};

struct dm_session;

/** Where rank 0 of the session in @dir finds us; (transfer full). */
char *dm_session_socket(const char *dir);

/**
 * Start mpirun on this thread (it dies with it) and its default main context.
 * Errors: DM_ERROR_SYSTEM, DM_ERROR_CONFIG (@dir too long for a socket), DM_ERROR_TRANSIENT.
 */
struct dm_session *dm_session_start(const struct dm_session_config *config,
                                    const struct dm_session_events *events, GError **error);

/** Say whether it takes tasks: it said hello and nothing has begun to end it. */
bool dm_session_is_up(const struct dm_session *session);

/** Send whole lines. */
void dm_session_send(struct dm_session *session, const char *lines, size_t length);

/**
 * Ask the job to finish what it has and end; it is made to if it takes too long. @why: a literal,
 * for the log.
 */
void dm_session_leave(struct dm_session *session, const char *why);

/** The job does not answer any more: kill it. */
void dm_session_hung(struct dm_session *session);

/** End the job here and now, if it still runs: its ranks are gone afterwards. Accepts NULL. */
void dm_session_free(struct dm_session *session);

#endif
