// SPDX-License-Identifier: MIT
//
// A line socket on the main loop: see link.h.
#include "watcher/engine/link.h"

#include "common/error.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,
    READS_A_TURN = 8, // then the rest of the main loop has its turn
    LINE_MAX_BYTES = 1024 * 1024,
};

struct dm_link {
    struct dm_link_events events;
    int listener; // -1 once connected
    int fd;       // -1 before
    guint accept_source, in_source, out_source;
    GString *in;  // from the beginning of an unfinished line
    GString *out; // what the socket did not take yet
    bool closed;  // reported
};

static void remove_source(guint *source) {
    if (*source != 0) {
        g_source_remove(*source);
        *source = 0;
    }
}

static void report_closed(struct dm_link *link, const char *why) {
    if (!link->closed) {
        link->closed = true;
        link->events.closed(link->events.data, why);
    }
}

/** Hand out the complete lines. */
static void split(struct dm_link *link) {
    size_t start = 0;
    char *newline;
    while ((newline = memchr(link->in->str + start, '\n', link->in->len - start)) != NULL) {
        *newline = '\0';
        link->events.line(link->events.data, link->in->str + start);
        start = (size_t)(newline - link->in->str) + 1;
    }
    g_string_erase(link->in, 0, (gssize)start);
    if (link->in->len > LINE_MAX_BYTES) {
        g_string_truncate(link->in, 0);
        report_closed(link, "a line is too long");
    }
}

/** Read once. Returns 1 for something, 0 for nothing yet, -1 at the end. */
static int read_some(struct dm_link *link) {
    char buffer[READ_BYTES];
    ssize_t n = read(link->fd, buffer, sizeof(buffer));
    if (n > 0) {
        g_string_append_len(link->in, buffer, n);
        split(link);
        return 1;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition;
    struct dm_link *link = data;
    int state = 1;
    for (int i = 0; i < READS_A_TURN && state > 0; i++) {
        state = read_some(link);
    }
    if (state >= 0) {
        return G_SOURCE_CONTINUE;
    }
    link->in_source = 0;
    report_closed(link, "");
    return G_SOURCE_REMOVE;
}

/** Returns false when nothing is left to write, or nobody to write to. */
static bool write_some(struct dm_link *link) {
    ssize_t n = send(link->fd, link->out->str, link->out->len, MSG_NOSIGNAL);
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR; // else: reading sees the end, with its last lines
    }
    g_string_erase(link->out, 0, n);
    return link->out->len > 0;
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition;
    struct dm_link *link = data;
    if (write_some(link)) {
        return G_SOURCE_CONTINUE;
    }
    link->out_source = 0;
    return G_SOURCE_REMOVE;
}

static gboolean on_connection(gint listener, GIOCondition condition, gpointer data) {
    (void)condition;
    struct dm_link *link = data;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    link->fd = fd;
    link->in_source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, link);
    link->accept_source = 0;
    close(link->listener);
    link->listener = -1;
    return G_SOURCE_REMOVE;
}

bool dm_link_check_path(const char *path, GError **error) {
    const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
    return strlen(path) <= most ||
           dm_fail(error, DM_ERROR_CONFIG,
                   "runtime directory: '%s' has %zu bytes, expected at most %zu for a socket", path,
                   strlen(path), most);
}

/** Returns a listening socket, or -1. */
static int listen_at(const char *path, GError **error) {
    if (!dm_link_check_path(path, error)) {
        return -1;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(fd, 1) == 0) {
        return fd;
    }
    dm_fail_errno(error, errno, "cannot listen at '%s'", path);
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

struct dm_link *dm_link_new(const char *path, const struct dm_link_events *events, GError **error) {
    int listener = listen_at(path, error);
    if (listener < 0) {
        return NULL;
    }
    struct dm_link *link = g_new(struct dm_link, 1);
    *link = (struct dm_link){
        .events = *events,
        .listener = listener,
        .fd = -1,
        .in = g_string_new(NULL),
        .out = g_string_new(NULL),
    };
    link->accept_source = g_unix_fd_add(listener, G_IO_IN, on_connection, link);
    return link;
}

void dm_link_free(struct dm_link *link) {
    if (link == NULL) {
        return;
    }
    remove_source(&link->accept_source);
    remove_source(&link->in_source);
    remove_source(&link->out_source);
    if (link->listener >= 0) {
        close(link->listener);
    }
    if (link->fd >= 0) {
        close(link->fd);
    }
    g_string_free(link->in, TRUE);
    g_string_free(link->out, TRUE);
    g_free(link);
}

void dm_link_send(struct dm_link *link, const char *text, size_t length) {
    g_string_append_len(link->out, text, (gssize)length);
    if (link->fd >= 0 && link->out_source == 0 && write_some(link)) {
        link->out_source = g_unix_fd_add(link->fd, G_IO_OUT, on_writable, link);
    }
}

void dm_link_shut(struct dm_link *link) {
    remove_source(&link->out_source);
    remove_source(&link->accept_source); // nobody who matters will come any more
    if (link->fd >= 0) {
        shutdown(link->fd, SHUT_WR);
    }
}

void dm_link_drain(struct dm_link *link) {
    while (link->fd >= 0 && read_some(link) > 0) {
    }
}
