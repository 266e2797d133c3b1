// SPDX-License-Identifier: MIT
//
// Two byte buffers around a non-blocking socket. How much may pile up in them is bounded by the
// watcher, which keeps a window of unacknowledged tasks.
#include "mpi_worker/job/feed.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

struct dm_feed {
    int fd;
    GByteArray *in;
    size_t in_used; // bytes of in that were given out as lines
    GByteArray *out;
    size_t out_sent;
};

struct dm_feed *dm_feed_new(int fd) {
    struct dm_feed *feed = g_new0(struct dm_feed, 1);
    feed->fd = fd;
    feed->in = g_byte_array_new();
    feed->out = g_byte_array_new();
    return feed;
}

struct dm_feed *dm_feed_connect(const char *path, GError **error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        dm_fail(error, DM_ERROR_CONFIG,
                "socket path: '%s' is too long, expected fewer than %zu bytes", path,
                sizeof(address.sun_path));
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot make a socket");
        return NULL;
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        dm_fail_errno(error, errno, "cannot reach the watcher at '%s'", path);
        close(fd);
        return NULL;
    }
    return dm_feed_new(fd);
}

void dm_feed_free(struct dm_feed *feed) {
    if (feed == NULL) {
        return;
    }
    close(feed->fd);
    g_byte_array_free(feed->in, TRUE);
    g_byte_array_free(feed->out, TRUE);
    g_free(feed);
}

int dm_feed_fd(const struct dm_feed *feed) {
    return feed->fd;
}

short dm_feed_events(const struct dm_feed *feed) {
    return dm_feed_flushed(feed) ? POLLIN : POLLIN | POLLOUT;
}

/** Drop what was given out, so that the buffer does not grow with the session. */
static void drop_used(struct dm_feed *feed) {
    if (feed->in_used == 0) {
        return;
    }
    g_byte_array_remove_range(feed->in, 0, (guint)feed->in_used);
    feed->in_used = 0;
}

bool dm_feed_read(struct dm_feed *feed, GError **error) {
    drop_used(feed);
    guint before = feed->in->len;
    if (before > DM_FEED_MAX_LINE) {
        return dm_fail(error, DM_ERROR_LIMIT, "line of the watcher: over %d bytes",
                       DM_FEED_MAX_LINE);
    }
    g_byte_array_set_size(feed->in, before + CHUNK);
    ssize_t got = recv(feed->fd, feed->in->data + before, CHUNK, MSG_DONTWAIT);
    int failed = errno;
    g_byte_array_set_size(feed->in, before + (got > 0 ? (guint)got : 0));
    if (got > 0) {
        return true;
    }
    if (got == 0) {
        return dm_fail(error, DM_ERROR_REMOTE, "the watcher has closed the connection");
    }
    if (failed == EAGAIN || failed == EINTR) {
        return true;
    }
    return dm_fail_errno(error, failed, "cannot read from the watcher");
}

const char *dm_feed_next_line(struct dm_feed *feed) {
    if (feed->in_used == feed->in->len) {
        return NULL;
    }
    guint8 *start = feed->in->data + feed->in_used;
    guint8 *end = memchr(start, '\n', feed->in->len - feed->in_used);
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    feed->in_used += (size_t)(end - start) + 1;
    return (const char *)start;
}

void dm_feed_write(struct dm_feed *feed, const char *lines, size_t length) {
    g_byte_array_append(feed->out, (const guint8 *)lines, (guint)length);
}

/** Drop what was sent once it is the larger part, so that a slow reader costs no endless buffer. */
static void drop_sent(struct dm_feed *feed) {
    if (feed->out_sent == 0 || feed->out_sent < feed->out->len / 2) {
        return;
    }
    g_byte_array_remove_range(feed->out, 0, (guint)feed->out_sent);
    feed->out_sent = 0;
}

/** One send(); false with errno when nothing went out. */
static bool send_some(struct dm_feed *feed) {
    ssize_t sent = send(feed->fd, feed->out->data + feed->out_sent, feed->out->len - feed->out_sent,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        feed->out_sent += (size_t)sent;
    }
    return sent > 0;
}

bool dm_feed_flush(struct dm_feed *feed, GError **error) {
    while (!dm_feed_flushed(feed) && send_some(feed)) {
        ;
    }
    int failed = errno;
    bool flushed = dm_feed_flushed(feed);
    drop_sent(feed);
    if (flushed || failed == EAGAIN || failed == EINTR) {
        return true;
    }
    if (failed == EPIPE || failed == ECONNRESET) {
        return dm_fail(error, DM_ERROR_REMOTE, "the watcher has closed the connection");
    }
    return dm_fail_errno(error, failed, "cannot write to the watcher");
}

bool dm_feed_flushed(const struct dm_feed *feed) {
    return feed->out_sent == feed->out->len;
}
