// SPDX-License-Identifier: MIT
//
// Two byte buffers around a non-blocking socket: see line_socket.h.
#include "common/line_socket.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

struct dm_line_socket {
    int fd;
    const char *peer;
    GByteArray *in;
    // Bytes of in that were given out as lines.
    size_t in_used;
    GByteArray *out;
    size_t out_sent;
};

// ---- two ends

bool dm_line_socket_check_path(const char *path, GError **error) {
    const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
    return strlen(path) <= most ||
           dm_fail(error, DM_ERROR_CONFIG,
                   "runtime directory: '%s' has %zu bytes, expected at most %zu for a socket", path,
                   strlen(path), most);
}

/** A socket and the address of @path. Returns -1 on errors. */
static int make_socket(const char *path, int flags, struct sockaddr_un *ret_address,
                       GError **error) {
    if (!dm_line_socket_check_path(path, error)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot make a socket");
        return -1;
    }
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, path, strlen(path));
    return fd;
}

int dm_line_socket_listen(const char *path, GError **error) {
    struct sockaddr_un address;
    int fd = make_socket(path, SOCK_NONBLOCK, &address, error);
    if (fd < 0) {
        return -1;
    }
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0) {
        return fd;
    }
    dm_fail_errno(error, errno, "cannot listen at '%s'", path);
    close(fd);
    return -1;
}

struct dm_line_socket *dm_line_socket_accept(int listener, const char *peer) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return fd >= 0 ? dm_line_socket_new(fd, peer) : NULL;
}

struct dm_line_socket *dm_line_socket_connect(const char *path, const char *peer, GError **error) {
    struct sockaddr_un address;
    int fd = make_socket(path, 0, &address, error); // connecting may wait
    if (fd < 0) {
        return NULL;
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        dm_fail_errno(error, errno, "cannot reach %s at '%s'", peer, path);
        close(fd);
        return NULL;
    }
    return dm_line_socket_new(fd, peer);
}

struct dm_line_socket *dm_line_socket_new(int fd, const char *peer) {
    struct dm_line_socket *socket = g_new(struct dm_line_socket, 1);
    *socket = (struct dm_line_socket){
        .fd = fd,
        .peer = peer,
        .in = g_byte_array_new(),
        .out = g_byte_array_new(),
    };
    return socket;
}

void dm_line_socket_free(struct dm_line_socket *socket) {
    if (socket == NULL) {
        return;
    }
    close(socket->fd);
    g_byte_array_free(socket->in, TRUE);
    g_byte_array_free(socket->out, TRUE);
    g_free(socket);
}

int dm_line_socket_fd(const struct dm_line_socket *socket) {
    return socket->fd;
}

short dm_line_socket_events(const struct dm_line_socket *socket) {
    return dm_line_socket_is_flushed(socket) ? POLLIN : POLLIN | POLLOUT;
}

// ---- in

/** Drop what was given out, so that the buffer does not grow with the session. */
static void drop_used(struct dm_line_socket *socket) {
    if (socket->in_used > 0) {
        g_byte_array_remove_range(socket->in, 0, (guint)socket->in_used);
        socket->in_used = 0;
    }
}

static bool fail_gone(const struct dm_line_socket *socket, GError **error) {
    return dm_fail(error, DM_ERROR_REMOTE, "%s has closed the connection", socket->peer);
}

bool dm_line_socket_read(struct dm_line_socket *socket, bool *ret_more, GError **error) {
    drop_used(socket);
    guint before = socket->in->len;
    if (before > DM_LINE_SOCKET_MAX_LINE) {
        return dm_fail(error, DM_ERROR_LIMIT, "a line of %s is too long, expected at most %d bytes",
                       socket->peer, DM_LINE_SOCKET_MAX_LINE);
    }
    g_byte_array_set_size(socket->in, before + READ_BYTES);
    ssize_t got = recv(socket->fd, socket->in->data + before, READ_BYTES, MSG_DONTWAIT);
    int failed = got < 0 ? errno : 0;
    g_byte_array_set_size(socket->in, before + (got > 0 ? (guint)got : 0));
    if (got == 0 || failed == ECONNRESET) {
        return fail_gone(socket, error);
    }
    if (failed != 0 && failed != EAGAIN && failed != EINTR) {
        return dm_fail_errno(error, failed, "cannot read from %s", socket->peer);
    }
    if (ret_more != NULL) {
        *ret_more = got > 0;
    }
    return true;
}

const char *dm_line_socket_peek(const struct dm_line_socket *socket, size_t *ret_length) {
    const guint8 *start = socket->in->data + socket->in_used;
    size_t waiting = socket->in->len - socket->in_used;
    const guint8 *last = waiting > 0 ? memrchr(start, '\n', waiting) : NULL;
    if (last == NULL) {
        return NULL;
    }
    *ret_length = (size_t)(last - start) + 1;
    return (const char *)start;
}

const char *dm_line_socket_next_line(struct dm_line_socket *socket) {
    if (socket->in_used == socket->in->len) {
        return NULL;
    }
    guint8 *start = socket->in->data + socket->in_used;
    guint8 *end = memchr(start, '\n', socket->in->len - socket->in_used);
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    socket->in_used += (size_t)(end - start) + 1;
    return (const char *)start;
}

// ---- out

void dm_line_socket_write(struct dm_line_socket *socket, const char *lines, size_t length) {
    g_byte_array_append(socket->out, (const guint8 *)lines, (guint)length);
}

/** Drop what was sent once it is the larger part, so that a slow reader costs no endless buffer. */
static void drop_sent(struct dm_line_socket *socket) {
    if (socket->out_sent > 0 && socket->out_sent >= socket->out->len / 2) {
        g_byte_array_remove_range(socket->out, 0, (guint)socket->out_sent);
        socket->out_sent = 0;
    }
}

/** One send(); false with errno when nothing went out. */
static bool send_some(struct dm_line_socket *socket) {
    ssize_t sent = send(socket->fd, socket->out->data + socket->out_sent,
                        socket->out->len - socket->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        socket->out_sent += (size_t)sent;
    }
    return sent > 0;
}

bool dm_line_socket_flush(struct dm_line_socket *socket, GError **error) {
    while (!dm_line_socket_is_flushed(socket) && send_some(socket)) {
        ;
    }
    int failed = errno;
    bool flushed = dm_line_socket_is_flushed(socket);
    drop_sent(socket);
    if (flushed || failed == EAGAIN || failed == EINTR) {
        return true;
    }
    if (failed == EPIPE || failed == ECONNRESET) {
        return fail_gone(socket, error);
    }
    return dm_fail_errno(error, failed, "cannot write to %s", socket->peer);
}

bool dm_line_socket_is_flushed(const struct dm_line_socket *socket) {
    return socket->out_sent == socket->out->len;
}

void dm_line_socket_shut(struct dm_line_socket *socket) {
    shutdown(socket->fd, SHUT_WR);
}
