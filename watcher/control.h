// SPDX-License-Identifier: MIT
//
// The daemon's UNIX socket for those who ask it: one request line, one answer text, closed. Live
// facts and what people want done; everything else they read from the ledger themselves. What can
// be asked: requests.h.
//
// Who may ask is who may open the socket: its owner and its group (0660).
#ifndef DM_WATCHER_CONTROL_H
#define DM_WATCHER_CONTROL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct dm_control;

/** A request, as long as it is not answered. */
struct dm_asked {
    // One line without its end.
    const char *text;
    // Who asks, by the kernel's word; (uid_t)-1: unknown.
    uid_t uid;
    // For dm_control_answer().
    uint64_t ticket;
};

/**
 * Take @asked, which is borrowed for the call. Returns an answer (transfer full), or NULL with
 * @error: it is refused, and the message says why; or NULL without: dm_control_answer() follows.
 */
typedef char *(*dm_control_fn)(const struct dm_asked *asked, void *data, GError **error);

/**
 * Listen at @path on this thread's main context. The group @gid may ask, too; (gid_t)-1, or one
 * that we may not give it to: our own group. Errors: DM_ERROR_SYSTEM.
 */
struct dm_control *dm_control_new(const char *path, gid_t gid, dm_control_fn answer, void *data,
                                  GError **error);

/** Whoever waits for an answer gets none. Accepts NULL. */
void dm_control_free(struct dm_control *control);

/** Answer what was not answered at once. One who does not wait any more is passed over; so is
 * everybody when @control is NULL. */
void dm_control_answer(struct dm_control *control, uint64_t ticket, const char *answer);

/**
 * Ask the daemon at @path; waits at most 2 s. Errors: DM_ERROR_REMOTE when nobody is there, or it
 * refuses; DM_ERROR_TRANSIENT when it does not answer in time. Returns the answer (transfer full).
 */
char *dm_control_ask(const char *path, const char *request, GError **error);

/** The two halves of that, for those who must not wait. The first returns a descriptor that does
 * not block (EOF ends the answer), or -1; the second reads what came. */
int dm_control_connect(const char *path, GError **error);
char *dm_control_read(const char *reply, GError **error);

#endif
