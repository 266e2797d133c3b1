// SPDX-License-Identifier: MIT
//
// A line socket on the main loop: see link.h.
#include "watcher/link.h"

#include "common/error.h"
#include "common/line_socket.h"

#include <glib-unix.h>
#include <unistd.h>

enum { READS_A_TURN = 8 }; // then the rest of the main loop has its turn

struct dm_link {
    struct dm_link_events events;
    // -1 once connected.
    int listener;
    guint accept_source, in_source, out_source;
    // NULL before rank 0 has connected.
    struct dm_line_socket *socket;
    // It was reported.
    bool closed;
};

static void remove_source(guint *source) {
    if (*source != 0) {
        g_source_remove(*source);
        *source = 0;
    }
}

static void report_closed(struct dm_link *link, const GError *error) {
    if (!link->closed) {
        link->closed = true;
        bool ended = g_error_matches(error, DM_ERROR, DM_ERROR_REMOTE);
        link->events.closed(link->events.data, ended ? "" : error->message);
    }
}

/** Read once and hand out the complete lines. Returns false at the end. */
static bool read_some(struct dm_link *link, bool *ret_more) {
    g_autoptr(GError) error = NULL;
    if (!dm_line_socket_read(link->socket, ret_more, &error)) {
        *ret_more = false;
        report_closed(link, error);
        return false;
    }
    size_t length;
    const char *lines = dm_line_socket_peek(link->socket, &length);
    if (lines != NULL) {
        link->events.heard(link->events.data, lines, length);
    }
    const char *line;
    while ((line = dm_line_socket_next_line(link->socket)) != NULL) {
        link->events.line(link->events.data, line);
    }
    return true;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition;
    struct dm_link *link = data;
    bool open = true, more = true;
    for (int i = 0; i < READS_A_TURN && open && more; i++) {
        open = read_some(link, &more);
    }
    if (!open) {
        link->in_source = 0;
    }
    return open ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/** Returns false when nothing is left to write, or nobody to write to. */
static bool write_some(struct dm_link *link) {
    // A failure needs no word here: reading sees the end, with the last lines.
    return dm_line_socket_flush(link->socket, NULL) && !dm_line_socket_is_flushed(link->socket);
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

static void listen_to(struct dm_link *link) {
    link->in_source = g_unix_fd_add(dm_line_socket_fd(link->socket), G_IO_IN | G_IO_HUP | G_IO_ERR,
                                    on_readable, link);
}

static gboolean on_connection(gint listener, GIOCondition condition, gpointer data) {
    (void)condition;
    struct dm_link *link = data;
    link->socket = dm_line_socket_accept(listener, "rank 0");
    if (link->socket == NULL) {
        return G_SOURCE_CONTINUE;
    }
    listen_to(link);
    link->accept_source = 0;
    close(link->listener);
    link->listener = -1;
    return G_SOURCE_REMOVE;
}

struct dm_link *dm_link_new(const char *path, const struct dm_link_events *events, GError **error) {
    int listener = dm_line_socket_listen(path, error);
    if (listener < 0) {
        return NULL;
    }
    struct dm_link *link = g_new(struct dm_link, 1);
    *link = (struct dm_link){.events = *events, .listener = listener};
    link->accept_source = g_unix_fd_add(listener, G_IO_IN, on_connection, link);
    return link;
}

struct dm_link *dm_link_over(int fd, const char *peer, const struct dm_link_events *events) {
    struct dm_link *link = g_new(struct dm_link, 1);
    *link =
        (struct dm_link){.events = *events, .listener = -1, .socket = dm_line_socket_new(fd, peer)};
    listen_to(link);
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
    dm_line_socket_free(link->socket);
    g_free(link);
}

void dm_link_send(struct dm_link *link, const char *lines, size_t length) {
    dm_line_socket_write(link->socket, lines, length);
    if (link->out_source == 0 && write_some(link)) {
        link->out_source =
            g_unix_fd_add(dm_line_socket_fd(link->socket), G_IO_OUT, on_writable, link);
    }
}

void dm_link_shut(struct dm_link *link) {
    remove_source(&link->out_source);
    remove_source(&link->accept_source); // nobody who matters will come any more
    if (link->socket != NULL) {
        dm_line_socket_shut(link->socket);
    }
}

void dm_link_drain(struct dm_link *link) {
    for (bool more = link->socket != NULL; more;) {
        read_some(link, &more);
    }
}
