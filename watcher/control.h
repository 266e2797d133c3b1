// SPDX-License-Identifier: MIT
//
// The daemon's UNIX socket for the CLI: one request line, one answer text, closed. Live facts only
// (what is in memory); everything else the CLI reads from the ledger itself.
#ifndef DM_WATCHER_CONTROL_H
#define DM_WATCHER_CONTROL_H

#include <glib.h>

struct dm_control;

/**
 * Answers @request ("status", "sweep"); (transfer full); NULL: unknown request. The answer to
 * "status" is that of dm_status_write().
 */
typedef char *(*dm_control_fn)(const char *request, void *data);

/** Listen at @path (0600) on this thread's main context. Errors: DM_ERROR_SYSTEM. */
struct dm_control *dm_control_new(const char *path, dm_control_fn answer, void *data,
                                  GError **error);
void dm_control_free(struct dm_control *control);

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
