// SPDX-License-Identifier: MIT
//
// The wire between rank 0 and the watcher: a UNIX socket that rank 0 connects to, and whole lines
// on it both ways (common/wire.h says which). Never blocks after the connection. What the lines
// mean: coordinator.h.
#ifndef DM_MPI_WORKER_JOB_FEED_H
#define DM_MPI_WORKER_JOB_FEED_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define DM_FEED_MAX_LINE (1024 * 1024) // bytes; longer is a fault of the other side

struct dm_feed;

/** Connect to the socket at @path. Errors: DM_ERROR_SYSTEM, DM_ERROR_TRANSIENT. */
struct dm_feed *dm_feed_connect(const char *path, GError **error);

/** Use @fd, a connected stream socket (transfer full). */
struct dm_feed *dm_feed_new(int fd);
void dm_feed_free(struct dm_feed *feed);

/** The descriptor, and the poll() events that matter now. */
int dm_feed_fd(const struct dm_feed *feed);
short dm_feed_events(const struct dm_feed *feed);

/**
 * Read what has arrived, at most a few hundred kB at a time.
 * Errors: DM_ERROR_REMOTE when the other side has closed, DM_ERROR_SYSTEM, DM_ERROR_LIMIT.
 */
bool dm_feed_read(struct dm_feed *feed, GError **error);

/** The next whole line without its LF, or NULL; valid until the next dm_feed_read(). */
const char *dm_feed_next_line(struct dm_feed *feed);

/** Say @length bytes of whole lines; sent by dm_feed_flush(). */
void dm_feed_write(struct dm_feed *feed, const char *lines, size_t length);

/** Send as much as the socket takes now. Errors: DM_ERROR_REMOTE, DM_ERROR_SYSTEM. */
bool dm_feed_flush(struct dm_feed *feed, GError **error);

/** Say whether everything written has been sent. */
bool dm_feed_flushed(const struct dm_feed *feed);

#endif
