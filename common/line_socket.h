// SPDX-License-Identifier: MIT
//
// Whole lines both ways over a UNIX socket: the wire between rank 0 of a job, which connects, and
// the watcher, which listens. Never blocks once it is connected. Knows nothing of main loops (the
// watcher waits in GLib's, a rank in poll()) nor of what the lines say (wire.h).
//
// How much may pile up in the two buffers is bounded by the watcher, which keeps a window of
// unanswered tasks; a single line is bounded here.
#ifndef DM_COMMON_LINE_SOCKET_H
#define DM_COMMON_LINE_SOCKET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define DM_LINE_SOCKET_MAX_LINE (1024 * 1024) // bytes; longer is a fault of the other side

struct dm_line_socket;

/** Say whether @path can be the name of a socket. Errors: DM_ERROR_CONFIG. */
bool dm_line_socket_check_path(const char *path, GError **error);

/**
 * Connect to the socket at @path. @peer: who is there, for messages ("the watcher"; a literal).
 * Errors: DM_ERROR_CONFIG (path too long), DM_ERROR_SYSTEM.
 */
struct dm_line_socket *dm_line_socket_connect(const char *path, const char *peer, GError **error);

/** Listen at @path. Returns a descriptor for dm_line_socket_accept(), or -1. Errors: as above. */
int dm_line_socket_listen(const char *path, GError **error);

/** Take the connection that waits at @listener; NULL when there is none now. */
struct dm_line_socket *dm_line_socket_accept(int listener, const char *peer);

/** Use @fd, a connected stream socket (transfer full). */
struct dm_line_socket *dm_line_socket_new(int fd, const char *peer);

/** Close it. Accepts NULL. */
void dm_line_socket_free(struct dm_line_socket *socket);

/** The descriptor, and the poll() events that matter now. */
int dm_line_socket_fd(const struct dm_line_socket *socket);
short dm_line_socket_events(const struct dm_line_socket *socket);

/**
 * Read once, at most a few hundred kB; take all lines before the next call.
 *
 * @ret_more  (nullable) whether something had arrived.
 * Errors: DM_ERROR_REMOTE when the other side is gone, DM_ERROR_LIMIT (a line without end),
 * DM_ERROR_SYSTEM.
 */
bool dm_line_socket_read(struct dm_line_socket *socket, bool *ret_more, GError **error);

/** All whole lines that wait, each with its LF; NULL if there are none. Takes none of them. */
const char *dm_line_socket_peek(const struct dm_line_socket *socket, size_t *ret_length);

/** The next whole line without its LF, or NULL; valid until the next dm_line_socket_read(). */
const char *dm_line_socket_next_line(struct dm_line_socket *socket);

/** Say @length bytes of whole lines; sent by dm_line_socket_flush(). */
void dm_line_socket_write(struct dm_line_socket *socket, const char *lines, size_t length);

/** Send as much as the socket takes now. Errors: DM_ERROR_REMOTE, DM_ERROR_SYSTEM. */
bool dm_line_socket_flush(struct dm_line_socket *socket, GError **error);

/** Say whether everything written has been sent. */
bool dm_line_socket_is_flushed(const struct dm_line_socket *socket);

/** No more will be sent: the other side sees an end of file. What it sends still arrives. */
void dm_line_socket_shut(struct dm_line_socket *socket);

#endif
