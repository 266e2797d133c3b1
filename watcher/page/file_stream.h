// SPDX-License-Identifier: MIT
//
// A file of the share, read piece by piece on the share's thread, one piece ahead of its reader:
// whoever serves it waits for no disk.
//
// Threads: the main loop only.
#ifndef DM_WATCHER_PAGE_FILE_STREAM_H
#define DM_WATCHER_PAGE_FILE_STREAM_H

#include "watcher/page/stream.h"
#include "watcher/share/share.h"

#include <glib.h>
#include <stdint.h>

/** A place where a file may be. */
struct dm_file_place {
    enum dm_share_room room;
    // Relative to the room.
    const char *path;
    // (nullable) It is this very file that is meant, under this name or a numbered one beside it.
    const struct dm_fingerprint *fingerprint;
};
#define DM_FILE_PLACES_MAX 2

enum dm_file_state {
    DM_FILE_OPENING,
    DM_FILE_OPEN,
    // There is none at any of the places.
    DM_FILE_GONE,
    // The share is away.
    DM_FILE_AWAY,
    // The disk refuses it, or it has become shorter.
    DM_FILE_BROKEN,
};

struct dm_file_stream;

/**
 * Open what is at the first of @places (their strings are copied) where something is. @changed is
 * called with @data, never from within a function of this file, when it is no longer OPENING, and
 * when dm_file_stream_read() would no longer say WAIT.
 */
struct dm_file_stream *dm_file_stream_new(struct dm_share *share,
                                          const struct dm_file_place *places, size_t count,
                                          void (*changed)(void *data), void *data);

/** Call @changed with @data from now on. */
void dm_file_stream_listen(struct dm_file_stream *stream, void (*changed)(void *data), void *data);

enum dm_file_state dm_file_stream_state(const struct dm_file_stream *stream);

/** How long it was when it was opened. */
int64_t dm_file_stream_bytes(const struct dm_file_stream *stream);

/** Read only the @bytes bytes from @from on: once it is open, before the first read. */
void dm_file_stream_limit(struct dm_file_stream *stream, int64_t from, int64_t bytes);

/** What struct dm_stream asks of its `read`. */
ssize_t dm_file_stream_read(struct dm_file_stream *stream, char *buffer, size_t size);

/** Accepts NULL. Nothing is called any more. */
void dm_file_stream_free(struct dm_file_stream *stream);

#endif
