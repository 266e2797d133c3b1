// SPDX-License-Identifier: MIT
#include "watcher/page/server.h"

#include "common/error.h"
#include "watcher/page/server_private.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_BYTES (128u << 10)
#define HEAD_US (10 * G_USEC_PER_SEC)
#define BODY_US (30 * G_USEC_PER_SEC)
#define BODY_BYTES (30 << 10) // in that time
#define ANSWER_US (60 * G_USEC_PER_SEC)

// ---- who is there

/** The address of a peer; NULL: it came by a socket file; (transfer full). */
static char *address_of(const struct sockaddr *peer, socklen_t length) {
    char text[NI_MAXHOST];
    if (peer == NULL || peer->sa_family == AF_UNIX ||
        getnameinfo(peer, length, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0) {
        return NULL;
    }
    return g_strdup(g_str_has_prefix(text, "::ffff:") ? text + strlen("::ffff:") : text);
}

static void count_address(struct dm_server *server, const char *address, int more) {
    if (address == NULL) {
        return;
    }
    int count = GPOINTER_TO_INT(g_hash_table_lookup(server->addresses, address)) + more;
    if (count > 0) {
        g_hash_table_replace(server->addresses, g_strdup(address), GINT_TO_POINTER(count));
    } else {
        g_hash_table_remove(server->addresses, address);
    }
}

static enum MHD_Result may_connect(void *data, const struct sockaddr *peer, socklen_t length) {
    struct dm_server *server = data;
    g_autofree char *address = address_of(peer, length);
    if (dm_access_believes(server->settings->access, address)) {
        return MHD_YES;
    }
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(server->addresses, address));
    if (count < server->settings->max_connections_an_address) {
        return MHD_YES;
    }
    server->status.turned_away++;
    return MHD_NO;
}

static struct connection *connection_new(struct MHD_Connection *handle) {
    struct connection *connection = g_new0(struct connection, 1);
    connection->fd = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof(peer);
    if (getpeername(connection->fd, (struct sockaddr *)&peer, &length) == 0) {
        connection->address = address_of((const struct sockaddr *)&peer, length);
    }
    dm_connection_enter(connection, HEAD);
    return connection;
}

static void on_connection(void *data, struct MHD_Connection *handle, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    struct dm_server *server = data;
    struct connection *connection = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = connection = connection_new(handle);
        g_hash_table_add(server->connections, connection);
        count_address(server, connection->address, 1);
        server->status.connections++;
    } else {
        count_address(server, connection->address, -1);
        g_hash_table_remove(server->connections, connection);
        g_free(connection->address);
        g_free(connection);
        server->status.connections--;
    }
}

/** Say whether @connection is kept busy with nothing; what has come far enough begins anew. */
static bool is_lazy(struct connection *connection, int64_t now_us) {
    int64_t waited_us = now_us - connection->since_us;
    if (connection->waits) {
        connection->since_us = now_us;
        return false;
    }
    if (connection->phase == HEAD) {
        return waited_us >= HEAD_US;
    }
    if (connection->phase == ANSWER) {
        return waited_us >= ANSWER_US;
    }
    if (waited_us < BODY_US) {
        return false;
    }
    if (connection->bytes < BODY_BYTES) {
        return true;
    }
    dm_connection_enter(connection, BODY);
    return false;
}

static void cut_lazy_ones(struct dm_server *server) {
    int64_t now_us = g_get_monotonic_time();
    GHashTableIter iter;
    void *connection;
    g_hash_table_iter_init(&iter, server->connections);
    while (g_hash_table_iter_next(&iter, &connection, NULL)) {
        if (is_lazy(connection, now_us)) {
            shutdown(((struct connection *)connection)->fd, SHUT_RDWR);
            server->status.cut++;
        }
    }
}

/** Whether the client of @connection has closed it: while it waits nobody else looks. */
static bool has_left(const struct connection *connection) {
    struct pollfd look = {.fd = connection->fd, .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0;
}

/** End the streams that wait for something to say and that nobody hears any more. */
static void end_left_streams(struct dm_server *server) {
    g_autoptr(GPtrArray) left = g_ptr_array_new();
    GHashTableIter iter;
    void *key;
    g_hash_table_iter_init(&iter, server->suspended);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const struct exchange *exchange = key;
        if (exchange->streaming != NULL && has_left(exchange->connection)) {
            g_ptr_array_add(left, exchange->request);
            exchange->connection->is_left = true;
        }
    }
    for (unsigned i = 0; i < left->len; i++) {
        dm_exchange_resume(left->pdata[i]);
    }
}

static gboolean look_after_all(void *data) {
    cut_lazy_ones(data);
    end_left_streams(data);
    return G_SOURCE_CONTINUE;
}

// ---- listening

/** Escapes stay: the guard reads them. */
static size_t leave_escaped(void *data, struct MHD_Connection *handle, char *text) {
    (void)data;
    (void)handle;
    return strlen(text);
}

static gboolean listener_prepare(GSource *source, int *timeout_ms) {
    MHD_UNSIGNED_LONG_LONG left_ms;
    const struct listener *listener = (struct listener *)source;
    bool has_timeout = MHD_get_timeout(listener->daemon, &left_ms) == MHD_YES;
    *timeout_ms = has_timeout ? (int)MIN(left_ms, 60000) : -1;
    return listener->is_wanted || *timeout_ms == 0;
}

static gboolean listener_check(GSource *source) {
    int timeout_ms;
    return g_source_query_unix_fd(source, ((struct listener *)source)->tag) != 0 ||
           listener_prepare(source, &timeout_ms);
}

static gboolean listener_dispatch(GSource *source, GSourceFunc call, void *data) {
    (void)call;
    (void)data;
    ((struct listener *)source)->is_wanted = false;
    MHD_run(((struct listener *)source)->daemon);
    return G_SOURCE_CONTINUE;
}

static struct MHD_Daemon *start(struct dm_server *server, int fd) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, may_connect, server,
        dm_exchange_on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        server->settings->max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED, dm_exchange_on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_URI_LOG_CALLBACK,
        dm_exchange_on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

bool dm_server_listen(struct dm_server *server, int fd, GError **error) {
    static GSourceFuncs functions = {
        .prepare = listener_prepare, .check = listener_check, .dispatch = listener_dispatch};
    struct MHD_Daemon *daemon = start(server, fd);
    if (daemon == NULL) {
        close(fd);
        return dm_fail(error, DM_ERROR_SYSTEM, "cannot serve HTTP");
    }
    struct listener *listener =
        (struct listener *)g_source_new(&functions, (unsigned)sizeof(struct listener));
    listener->server = server;
    listener->daemon = daemon;
    int epoll_fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->listen_fd;
    listener->tag = g_source_add_unix_fd(&listener->source, epoll_fd, G_IO_IN);
    g_source_attach(&listener->source, NULL);
    g_ptr_array_add(server->listeners, listener);
    return true;
}

static void listener_free(void *data) {
    struct listener *listener = data;
    g_source_destroy(&listener->source);
    MHD_stop_daemon(listener->daemon);
    g_source_unref(&listener->source);
}

struct dm_server *dm_server_new(const struct dm_server_settings *settings,
                                const struct dm_server_calls *calls) {
    struct dm_server *server = g_new0(struct dm_server, 1);
    server->settings = settings;
    server->calls = *calls;
    server->listeners = g_ptr_array_new_with_free_func(listener_free);
    server->connections = g_hash_table_new(NULL, NULL);
    server->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    server->suspended = g_hash_table_new(NULL, NULL);
    server->timer = g_timeout_add_seconds(1, look_after_all, server);
    return server;
}

void dm_server_status(const struct dm_server *server, struct dm_server_status *ret) {
    *ret = server->status;
}

/** libmicrohttpd stops only when nobody waits for us. */
static void let_all_go(struct dm_server *server) {
    server->is_stopping = true;
    GHashTableIter iter;
    void *exchange;
    g_hash_table_iter_init(&iter, server->suspended);
    while (g_hash_table_iter_next(&iter, &exchange, NULL)) {
        MHD_resume_connection(((struct exchange *)exchange)->handle);
    }
    for (unsigned i = 0; i < server->listeners->len; i++) {
        MHD_run(((const struct listener *)server->listeners->pdata[i])->daemon);
    }
}

void dm_server_free(struct dm_server *server) {
    if (server == NULL) {
        return;
    }
    let_all_go(server);
    g_ptr_array_unref(server->listeners);
    g_source_remove(server->timer);
    g_hash_table_unref(server->connections);
    g_hash_table_unref(server->addresses);
    g_hash_table_unref(server->suspended);
    g_free(server);
}
