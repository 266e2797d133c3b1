// SPDX-License-Identifier: MIT
//
// The watcher's end of a line socket, on this thread's main context: waits for rank 0 to connect,
// or is connected; hands out its lines as they come, sends without blocking. Knows nothing of what
// the lines say.
#ifndef DM_WATCHER_LINK_H
#define DM_WATCHER_LINK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** What the other side does. The functions must not free the link. */
struct dm_link_events {
    // What came at once, whole lines; then line() is called for each of them, without its LF.
    void (*heard)(void *data, const char *lines, size_t length);
    void (*line)(void *data, const char *line);
    // Called once; @why is "" when it just ended.
    void (*closed)(void *data, const char *why);
    void *data;
};

struct dm_link;

/**
 * Listen at @path for one connection. Errors: DM_ERROR_CONFIG when @path is too long for a socket,
 * DM_ERROR_SYSTEM.
 */
struct dm_link *dm_link_new(const char *path, const struct dm_link_events *events, GError **error);

/**
 * Talk over @fd, a connected socket (transfer full). @peer: who is there, for messages (a literal).
 */
struct dm_link *dm_link_over(int fd, const char *peer, const struct dm_link_events *events);

/** Accepts NULL. */
void dm_link_free(struct dm_link *link);

/** Send whole lines to the other side, which is connected: at once as far as the socket takes them.
 */
void dm_link_send(struct dm_link *link, const char *lines, size_t length);

/** No more will be sent: the other side sees an end of file. What it sends still arrives. */
void dm_link_shut(struct dm_link *link);

/** Take in all that has arrived, now. */
void dm_link_drain(struct dm_link *link);

#endif
