// SPDX-License-Identifier: MIT
//
// Two buffers: the reader takes from `current` while the share's thread fills `next`. A job belongs
// to the share until it is done: a stream that is freed meanwhile is freed by the job's end.
#include "watcher/page/file_stream.h"

#include "common/fsutil.h"
#include "watcher/share/move.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((int64_t)256 << 10)

struct place {
    enum dm_share_room room;
    char *path;
    bool is_found_by_fingerprint;
    struct dm_fingerprint fingerprint;
};

struct piece {
    // PIECE_BYTES long; NULL until it is needed.
    char *bytes;
    size_t size, taken;
};

struct dm_file_stream {
    struct dm_share *share;
    struct place places[DM_FILE_PLACES_MAX];
    size_t place_count;
    void (*changed)(void *data);
    void *data;
    enum dm_file_state state;
    int64_t bytes;
    // Of the next piece to be asked for, and where the file ends for our reader.
    int64_t offset, end;
    struct piece current, next;
    // `next` is filled; the share has a job of ours.
    bool has_next, is_asking;
    // Nobody wants it any more.
    bool is_over;

    // The job's: the descriptor, what went wrong (an errno), what it has read.
    int fd, errnum;
    int64_t job_bytes;
};

// ---- on the share's thread

/** Where the file at @place is now; (transfer full); NULL: it is not there. */
static char *find(const struct dm_share_dirs *dirs, const struct place *place) {
    if (!place->is_found_by_fingerprint) {
        return g_strdup(place->path);
    }
    return dm_move_find(dirs->rooms[place->room], place->path, &place->fingerprint);
}

/** Open the regular file at @place. Returns -1 with errno. */
static int open_place(const struct dm_share_dirs *dirs, const struct place *place,
                      int64_t *ret_bytes) {
    g_autofree char *path = find(dirs, place);
    struct stat status;
    if (path == NULL) {
        errno = ENOENT;
        return -1;
    }
    int fd = dm_open_beneath(dirs->rooms[place->room], path, O_RDONLY, 0);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        int errnum = fd >= 0 ? ENOENT : errno;
        if (fd >= 0) {
            close(fd);
        }
        errno = errnum;
        return -1;
    }
    *ret_bytes = status.st_size;
    return fd;
}

static int open_file(const struct dm_share_dirs *dirs, void *job) {
    struct dm_file_stream *stream = job;
    for (size_t i = 0; i < stream->place_count && stream->fd < 0; i++) {
        stream->fd = open_place(dirs, &stream->places[i], &stream->bytes);
        stream->errnum = stream->fd < 0 ? errno : 0;
        if (dm_errno_is_offline(stream->errnum)) {
            return stream->errnum;
        }
    }
    return 0;
}

static int read_piece(const struct dm_share_dirs *dirs, void *job) {
    (void)dirs;
    struct dm_file_stream *stream = job;
    size_t wanted = (size_t)MIN(PIECE_BYTES, stream->end - stream->offset);
    ssize_t count;
    stream->job_bytes = 0;
    stream->errnum = 0;
    do {
        count = pread(stream->fd, stream->next.bytes + stream->job_bytes,
                      wanted - (size_t)stream->job_bytes, stream->offset + stream->job_bytes);
        stream->job_bytes += MAX(count, 0);
    } while (count > 0 && (size_t)stream->job_bytes < wanted);
    stream->errnum = count < 0 ? errno : 0;
    return dm_errno_is_offline(stream->errnum) ? stream->errnum : 0;
}

static int close_file(const struct dm_share_dirs *dirs, void *job) {
    (void)dirs;
    struct dm_file_stream *stream = job;
    close(stream->fd);
    stream->fd = -1;
    return 0;
}

// ---- on the main loop

static void destroy(struct dm_file_stream *stream) {
    for (size_t i = 0; i < stream->place_count; i++) {
        g_free(stream->places[i].path);
    }
    g_free(stream->current.bytes);
    g_free(stream->next.bytes);
    g_free(stream);
}

static void on_closed(void *job, bool done) {
    struct dm_file_stream *stream = job;
    if (!done && stream->fd >= 0) {
        close(stream->fd);
    }
    destroy(stream);
}

/** A file may take its time to be closed, too. */
static void let_go(struct dm_file_stream *stream) {
    if (stream->fd >= 0) {
        dm_share_push(stream->share, close_file, on_closed, stream);
    } else {
        destroy(stream);
    }
}

/** A job has come back: say whether anybody still wants to know. */
static bool take_back(struct dm_file_stream *stream) {
    stream->is_asking = false;
    if (stream->is_over) {
        let_go(stream);
        return false;
    }
    return true;
}

static void on_opened(void *job, bool done) {
    struct dm_file_stream *stream = job;
    if (!take_back(stream)) {
        return;
    }
    stream->end = stream->bytes;
    if (!done) {
        stream->state = DM_FILE_AWAY;
    } else if (stream->fd >= 0) {
        stream->state = DM_FILE_OPEN;
    } else {
        bool is_gone = stream->errnum == ENOENT || stream->errnum == ENOTDIR ||
                       stream->errnum == ELOOP || stream->errnum == EXDEV;
        stream->state = is_gone ? DM_FILE_GONE : DM_FILE_BROKEN;
    }
    stream->changed(stream->data);
}

static void on_read(void *job, bool done) {
    struct dm_file_stream *stream = job;
    if (!take_back(stream)) {
        return;
    }
    int64_t wanted = MIN(PIECE_BYTES, stream->end - stream->offset);
    if (!done) {
        stream->state = DM_FILE_AWAY;
    } else if (stream->job_bytes < wanted) {
        stream->state = DM_FILE_BROKEN;
    } else {
        stream->next.size = (size_t)wanted;
        stream->next.taken = 0;
        stream->offset += wanted;
        stream->has_next = true;
    }
    stream->changed(stream->data);
}

static void ask_ahead(struct dm_file_stream *stream) {
    if (stream->state != DM_FILE_OPEN || stream->is_asking || stream->has_next ||
        stream->offset >= stream->end) {
        return;
    }
    if (stream->next.bytes == NULL) {
        stream->next.bytes = g_malloc((size_t)PIECE_BYTES);
    }
    stream->is_asking = true;
    dm_share_push(stream->share, read_piece, on_read, stream);
}

struct dm_file_stream *dm_file_stream_new(struct dm_share *share,
                                          const struct dm_file_place *places, size_t count,
                                          void (*changed)(void *data), void *data) {
    assert(count <= DM_FILE_PLACES_MAX);
    struct dm_file_stream *stream = g_new0(struct dm_file_stream, 1);
    stream->share = share;
    stream->fd = -1;
    stream->place_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct dm_fingerprint *fingerprint = places[i].fingerprint;
        stream->places[i] = (struct place){
            .room = places[i].room,
            .path = g_strdup(places[i].path),
            .is_found_by_fingerprint = fingerprint != NULL,
            .fingerprint = fingerprint != NULL ? *fingerprint : (struct dm_fingerprint){0},
        };
    }
    dm_file_stream_listen(stream, changed, data);
    stream->is_asking = true;
    dm_share_push(share, open_file, on_opened, stream);
    return stream;
}

void dm_file_stream_listen(struct dm_file_stream *stream, void (*changed)(void *data), void *data) {
    stream->changed = changed;
    stream->data = data;
}

enum dm_file_state dm_file_stream_state(const struct dm_file_stream *stream) {
    return stream->state;
}

int64_t dm_file_stream_bytes(const struct dm_file_stream *stream) {
    return stream->bytes;
}

void dm_file_stream_limit(struct dm_file_stream *stream, int64_t from, int64_t bytes) {
    assert(!stream->is_asking && !stream->has_next && from + bytes <= stream->bytes);
    stream->offset = from;
    stream->end = from + bytes;
}

ssize_t dm_file_stream_read(struct dm_file_stream *stream, char *buffer, size_t size) {
    struct piece *current = &stream->current;
    if (current->taken == current->size && stream->has_next) {
        struct piece emptied = *current;
        *current = stream->next;
        stream->next = emptied;
        stream->has_next = false;
    }
    ask_ahead(stream);
    size_t count = MIN(size, current->size - current->taken);
    if (count > 0) {
        memcpy(buffer, current->bytes + current->taken, count);
        current->taken += count;
        return (ssize_t)count;
    }
    if (stream->is_asking) {
        return DM_STREAM_WAIT;
    }
    return stream->state == DM_FILE_OPEN ? DM_STREAM_END : DM_STREAM_BROKEN;
}

void dm_file_stream_free(struct dm_file_stream *stream) {
    if (stream == NULL) {
        return;
    }
    if (stream->is_asking) {
        stream->is_over = true;
    } else {
        let_go(stream);
    }
}
