// SPDX-License-Identifier: MIT
//
// Answers and bodies that come piece by piece.
#ifndef DM_WATCHER_PAGE_STREAM_H
#define DM_WATCHER_PAGE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** An answer that comes piece by piece. */
struct dm_stream {
    /**
     * Fill @buffer with at most @size bytes. Returns how many; DM_STREAM_WAIT when there are none
     * yet: then dm_request_resume() says when; DM_STREAM_END; DM_STREAM_BROKEN: the connection is
     * cut, so that the client sees that it has not got all.
     */
    ssize_t (*read)(void *data, char *buffer, size_t size);
    /** The stream is over, or its client has left. */
    void (*end)(void *data);
    void *data;
    // If it is known; else -1.
    int64_t bytes;
};
#define DM_STREAM_WAIT 0
#define DM_STREAM_END (-1)
#define DM_STREAM_BROKEN (-2)

/** Who takes a body as it comes. */
struct dm_sink {
    /** Take @size bytes; all of them, or none when it is busy: dm_request_resume() asks again. */
    bool (*take)(void *data, const char *bytes, size_t size);
    /** The body is whole: answer. */
    void (*whole)(void *data);
    /** The client has left before that, or was refused. Not after `whole`. */
    void (*broken)(void *data);
    void *data;
};

#endif
