// SPDX-License-Identifier: MIT
#include "watcher/page/server.h"

#include "common/error.h"
#include "watcher/page/fields.h"
#include "watcher/page/request.h"
#include "watcher/page/request_private.h"

#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_BYTES (128u << 10)
#define KEPT_BODY_MAX (1 << 20)
#define KEPT_PICTURE_MAX (8 << 20)
#define FORM_BUFFER (16u << 10)
#define FIELD_MAX 4096
#define STREAM_BLOCK (64u << 10)
#define HEAD_US (10 * G_USEC_PER_SEC)
#define BODY_US (30 * G_USEC_PER_SEC)
#define BODY_BYTES (30 << 10) // in that time
#define ANSWER_US (60 * G_USEC_PER_SEC)

struct listener {
    GSource source;
    struct dm_server *server;
    struct MHD_Daemon *daemon;
    void *tag;
    // A connection goes on: libmicrohttpd does not say so by its descriptor.
    bool is_wanted;
};

struct dm_server {
    const struct dm_server_settings *settings;
    struct dm_server_calls calls;
    // Of struct listener.
    GPtrArray *listeners;
    // Of struct connection, which are libmicrohttpd's.
    GHashTable *connections;
    // Address to how many.
    GHashTable *addresses;
    // Of struct exchange, which wait for us.
    GHashTable *suspended;
    guint timer;
    bool is_stopping;
    struct dm_server_status status;
};

enum phase { HEAD, BODY, ANSWER };

struct connection {
    int fd;
    // NULL: by the socket.
    char *address;
    enum phase phase;
    // When that began, or when enough was last brought or taken in it.
    int64_t since_us;
    // Since then.
    int64_t bytes;
    // It waits for us.
    bool waits;
    // Its client has gone while it did.
    bool is_left;
};

/** What an answer's stream needs as long as its response is there. */
struct streaming {
    struct dm_stream stream;
    // NULL: the exchange is over.
    struct exchange *exchange;
};

/** A request and its answer. */
struct exchange {
    struct dm_server *server;
    struct MHD_Connection *handle;
    struct connection *connection;
    struct dm_request *request;
    char *target;
    enum dm_body body;
    // Inside a call of libmicrohttpd's: it looks at what has come of that itself.
    bool is_in_call;
    bool has_head, is_suspended, is_queued, is_whole;
    struct streaming *streaming;
    // Of a form with a file: its parts, and what came of the file and is not taken yet.
    struct MHD_PostProcessor *form;
    GByteArray *part;
};

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

static void enter(struct connection *connection, enum phase phase) {
    connection->phase = phase;
    connection->since_us = g_get_monotonic_time();
    connection->bytes = 0;
    connection->waits = false;
}

static struct connection *connection_new(struct MHD_Connection *handle) {
    struct connection *connection = g_new0(struct connection, 1);
    connection->fd = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct sockaddr_storage peer;
    socklen_t length = sizeof(peer);
    if (getpeername(connection->fd, (struct sockaddr *)&peer, &length) == 0) {
        connection->address = address_of((const struct sockaddr *)&peer, length);
    }
    enter(connection, HEAD);
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
    enter(connection, BODY);
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

// ---- waiting and going on

static void suspend(struct exchange *exchange) {
    exchange->is_suspended = true;
    exchange->connection->waits = true;
    g_hash_table_add(exchange->server->suspended, exchange);
    MHD_suspend_connection(exchange->handle);
}

static void resume(struct dm_request *request) {
    struct exchange *exchange = request->connection;
    if (!exchange->is_in_call && exchange->is_suspended) {
        exchange->is_suspended = false;
        exchange->connection->waits = false;
        g_hash_table_remove(exchange->server->suspended, exchange);
        exchange->connection->since_us = g_get_monotonic_time();
        MHD_resume_connection(exchange->handle);
        for (unsigned i = 0; i < exchange->server->listeners->len; i++) {
            ((struct listener *)exchange->server->listeners->pdata[i])->is_wanted = true;
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
        resume(left->pdata[i]);
    }
}

static gboolean look_after_all(void *data) {
    cut_lazy_ones(data);
    end_left_streams(data);
    return G_SOURCE_CONTINUE;
}

static const char *header_of(void *connection, const char *name) {
    const struct exchange *exchange = connection;
    return MHD_lookup_connection_value(exchange->handle, MHD_HEADER_KIND, name);
}

// ---- answering

static ssize_t read_stream(void *data, uint64_t position, char *buffer, size_t size) {
    (void)position;
    struct streaming *streaming = data;
    struct exchange *exchange = streaming->exchange;
    if (exchange->server->is_stopping || exchange->connection->is_left) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    exchange->is_in_call = true;
    ssize_t count = streaming->stream.read(streaming->stream.data, buffer, size);
    exchange->is_in_call = false;
    if (count == DM_STREAM_WAIT) {
        suspend(exchange);
        return 0;
    }
    exchange->connection->since_us = g_get_monotonic_time();
    if (count == DM_STREAM_END) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    return count > 0 ? count : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_stream(struct streaming *streaming) {
    if (streaming->exchange != NULL) {
        streaming->exchange->streaming = NULL;
        streaming->exchange = NULL;
        streaming->stream.end(streaming->stream.data);
    }
}

static void free_stream(void *data) {
    end_stream(data);
    g_free(data);
}

static struct MHD_Response *new_stream(struct exchange *exchange) {
    const struct dm_stream *stream = &exchange->request->answer.stream;
    struct streaming *streaming = g_new(struct streaming, 1);
    *streaming = (struct streaming){.stream = *stream, .exchange = exchange};
    exchange->streaming = streaming;
    uint64_t size = stream->bytes >= 0 ? (uint64_t)stream->bytes : MHD_SIZE_UNKNOWN;
    return MHD_create_response_from_callback(size, STREAM_BLOCK, read_stream, streaming,
                                             free_stream);
}

static void free_bytes(void *data) {
    g_bytes_unref(data);
}

static struct MHD_Response *new_response(struct exchange *exchange) {
    GBytes *body = exchange->request->answer.body;
    if (body == NULL) {
        return new_stream(exchange);
    }
    size_t size;
    const void *bytes = g_bytes_get_data(body, &size);
    return MHD_create_response_from_buffer_with_free_callback_cls(size, (void *)(uintptr_t)bytes,
                                                                  free_bytes, g_bytes_ref(body));
}

/** What every answer bears. A route that says something else of one of them is right. */
static const struct {
    const char *name, *value;
} standing_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
     "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

static void add_headers(struct MHD_Response *response, const GPtrArray *headers) {
    for (unsigned i = 0; i < headers->len; i += 2) {
        MHD_add_response_header(response, headers->pdata[i], headers->pdata[i + 1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(standing_headers); i++) {
        if (MHD_get_response_header(response, standing_headers[i].name) == NULL) {
            MHD_add_response_header(response, standing_headers[i].name, standing_headers[i].value);
        }
    }
}

static enum MHD_Result queue_answer(struct exchange *exchange) {
    struct dm_server *server = exchange->server;
    unsigned status = exchange->request->answer.status;
    struct MHD_Response *response = new_response(exchange);
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(response, exchange->request->answer.headers);
    enter(exchange->connection, ANSWER);
    exchange->is_queued = true;
    server->status.answers[MIN(status / 100, 5)]++;
    enum MHD_Result result = MHD_queue_response(exchange->handle, status, response);
    MHD_destroy_response(response);
    return result;
}

// ---- the head

static enum MHD_Result look_at_header(void *data, enum MHD_ValueKind kind, const char *name,
                                      size_t name_length, const char *value, size_t value_length) {
    (void)kind;
    struct dm_guard_head *head = data;
    const struct {
        const char *name;
        unsigned *count;
        const char **value;
    } wanted[] = {
        {"Host", &head->hosts, &head->host},
        {"Content-Length", &head->lengths, &head->length},
        {"Transfer-Encoding", &head->transfer_encodings, NULL},
        {"Origin", NULL, &head->origin},
        {"Sec-Fetch-Site", NULL, &head->fetch_site},
        {"Authorization", NULL, &head->authorization},
    };
    for (size_t i = 0; i < name_length; i++) {
        head->clean = head->clean && (unsigned char)name[i] > 0x20 && name[i] != 0x7f;
    }
    for (size_t i = 0; i < value_length; i++) {
        unsigned char byte = (unsigned char)value[i];
        head->clean = head->clean && (byte >= 0x20 || byte == '\t') && byte != 0x7f;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (g_ascii_strcasecmp(name, wanted[i].name) == 0) {
            if (wanted[i].count != NULL) {
                ++*wanted[i].count;
            }
            if (wanted[i].value != NULL) {
                *wanted[i].value = value != NULL ? value : "";
            }
        }
    }
    return MHD_YES;
}

static bool pass_guard(struct exchange *exchange, const char *method, const char *version) {
    struct dm_request *request = exchange->request;
    struct dm_guard_head head = {
        .method = method, .target = exchange->target, .version = version, .clean = true};
    MHD_get_connection_values_n(exchange->handle, MHD_HEADER_KIND, look_at_header, &head);
    struct dm_guard_verdict verdict;
    if (dm_guard(&head, &exchange->server->settings->guard, &request->target, &request->length,
                 &verdict)) {
        return true;
    }
    exchange->server->status.guarded++;
    request->target.path = g_strdup("");
    const struct dm_trouble trouble = {
        .status = verdict.status, .code = verdict.code, .what = verdict.what, .todo = verdict.todo};
    dm_request_refuse(request, &trouble);
    return false;
}

static void find_client(struct exchange *exchange) {
    const struct dm_credentials credentials = {
        .address = exchange->connection->address,
        .authorization = header_of(exchange, "Authorization"),
        .cookie = header_of(exchange, "Cookie"),
        .remote_user = header_of(exchange, "X-Remote-User"),
    };
    dm_access_find(exchange->server->settings->access, &credentials,
                   g_get_real_time() / G_USEC_PER_SEC, &exchange->request->client);
}

static bool is_kept(const struct exchange *exchange) {
    return exchange->body == DM_BODY_KEEP || exchange->body == DM_BODY_KEEP_PICTURE;
}

static enum MHD_Result on_head(struct exchange *exchange, const char *method, const char *version) {
    struct dm_request *request = exchange->request;
    struct dm_server *server = exchange->server;
    exchange->has_head = true;
    request->method = g_strdup(strcmp(method, "HEAD") == 0 ? "GET" : method);
    if (pass_guard(exchange, method, version)) {
        find_client(exchange);
        exchange->body = server->calls.head(request, server->calls.data);
        bool is_forbidden = request->is_answered &&
                            (request->answer.status == 401 || request->answer.status == 403);
        server->status.forbidden += is_forbidden;
    }
    if (request->is_answered) {
        return queue_answer(exchange);
    }
    enter(exchange->connection, BODY);
    if (is_kept(exchange)) {
        request->kept = g_byte_array_new();
    }
    return MHD_YES;
}

// ---- the body

/** Too late to answer: what is refused now is read over, and answered at its end. */
static void keep_piece(struct exchange *exchange, const char *bytes, size_t size) {
    struct dm_request *request = exchange->request;
    size_t most = exchange->body == DM_BODY_KEEP ? KEPT_BODY_MAX : KEPT_PICTURE_MAX;
    if (request->kept->len + size <= most) {
        g_byte_array_append(request->kept, (const guint8 *)bytes, (unsigned)size);
        return;
    }
    g_byte_array_set_size(request->kept, 0);
    const struct dm_trouble trouble = {
        .status = 413, .code = "too-large", .what = "That is more than may be sent here."};
    dm_request_refuse(request, &trouble);
}

/** A part of a form, or a piece of one. */
static enum MHD_Result on_part(void *data, enum MHD_ValueKind kind, const char *name,
                               const char *file_name, const char *type, const char *encoding,
                               const char *bytes, uint64_t offset, size_t size) {
    (void)kind;
    (void)type;
    (void)encoding;
    struct exchange *exchange = data;
    struct dm_request *request = exchange->request;
    if (file_name != NULL && strcmp(name, "file") == 0) {
        const char *base = strrchr(file_name, '/');
        if (request->file_name == NULL) {
            request->file_name = g_utf8_make_valid(base != NULL ? base + 1 : file_name, -1);
        }
        g_byte_array_append(exchange->part, (const guint8 *)bytes, (unsigned)size);
    } else if (file_name == NULL && offset == 0 && size <= FIELD_MAX) { // whole: it is short
        g_autofree char *text = g_strndup(bytes, size);
        dm_fields_add(request->fields, name, g_utf8_make_valid(text, -1));
    }
    return MHD_YES;
}

/** Hand on what came of the file. Returns whether there is nothing left. */
static bool pass_part(struct exchange *exchange) {
    const struct dm_sink *sink = &exchange->request->sink;
    if (exchange->part->len == 0 || exchange->request->is_answered) {
        return true;
    }
    if (!sink->take(sink->data, (const char *)exchange->part->data, exchange->part->len)) {
        return false;
    }
    g_byte_array_set_size(exchange->part, 0);
    return true;
}

static bool take_form_piece(struct exchange *exchange, const char *bytes, size_t size) {
    if (exchange->form == NULL) {
        exchange->form =
            MHD_create_post_processor(exchange->handle, FORM_BUFFER, on_part, exchange);
        exchange->part = g_byte_array_new();
    }
    if (!pass_part(exchange)) {
        return false;
    }
    if (exchange->form != NULL) { // else it is no form: it has no fields
        MHD_post_process(exchange->form, bytes, size);
    }
    return true;
}

/** Say whether the sink has taken the piece. */
static bool take_piece(struct exchange *exchange, const char *bytes, size_t size) {
    const struct dm_request *request = exchange->request;
    return request->is_form ? take_form_piece(exchange, bytes, size)
                            : request->sink.take(request->sink.data, bytes, size);
}

static enum MHD_Result on_piece(struct exchange *exchange, const char *bytes, size_t *size) {
    struct dm_request *request = exchange->request;
    if (!request->is_answered && is_kept(exchange)) {
        keep_piece(exchange, bytes, *size);
    } else if (!request->is_answered && exchange->body == DM_BODY_SINK &&
               !take_piece(exchange, bytes, *size)) {
        suspend(exchange);
        return MHD_YES;
    }
    exchange->connection->bytes += (int64_t)*size;
    exchange->server->status.body_bytes += (int64_t)*size;
    *size = 0;
    return MHD_YES;
}

static void finish_body(struct exchange *exchange) {
    struct dm_request *request = exchange->request;
    exchange->is_whole = true;
    if (request->is_answered) {
        return;
    }
    if (exchange->body == DM_BODY_SINK) {
        request->has_sink = false;
        request->sink.whole(request->sink.data);
        return;
    }
    if (request->kept != NULL) {
        request->body = g_byte_array_free_to_bytes(g_steal_pointer(&request->kept));
    }
    exchange->server->calls.whole(request, exchange->server->calls.data);
}

static enum MHD_Result on_end(struct exchange *exchange) {
    if (exchange->part != NULL && !pass_part(exchange)) {
        suspend(exchange);
        return MHD_YES;
    }
    if (!exchange->is_whole) {
        finish_body(exchange);
    }
    if (exchange->request->is_answered) {
        return queue_answer(exchange);
    }
    suspend(exchange);
    return MHD_YES;
}

// ---- libmicrohttpd's side

static void *on_target(void *data, const char *target, struct MHD_Connection *handle) {
    struct exchange *exchange = g_new0(struct exchange, 1);
    exchange->server = data;
    exchange->handle = handle;
    exchange->connection =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    exchange->target = g_strdup(target);
    exchange->request = dm_request_new();
    exchange->request->connection = exchange;
    exchange->request->header = header_of;
    exchange->request->resume = resume;
    return exchange;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *handle, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *size, void **context) {
    (void)data;
    (void)handle;
    (void)url;
    struct exchange *exchange = *context;
    if (exchange->is_queued) {
        *size = 0;
        return MHD_YES;
    }
    if (exchange->server->is_stopping) {
        return MHD_NO;
    }
    exchange->is_in_call = true;
    enum MHD_Result result = !exchange->has_head ? on_head(exchange, method, version)
                             : *size > 0         ? on_piece(exchange, bytes, size)
                                                 : on_end(exchange);
    exchange->is_in_call = false;
    return result;
}

static void on_completed(void *data, struct MHD_Connection *handle, void **context,
                         enum MHD_RequestTerminationCode code) {
    (void)data;
    (void)handle;
    (void)code;
    struct exchange *exchange = *context;
    if (exchange == NULL) {
        return;
    }
    struct dm_request *request = exchange->request;
    exchange->is_in_call = true; // nobody is waited for any more
    g_hash_table_remove(exchange->server->suspended, exchange);
    if (request->has_sink) {
        request->sink.broken(request->sink.data);
    }
    if (request->gone != NULL) {
        request->gone(request->gone_data);
    }
    if (exchange->streaming != NULL) {
        end_stream(exchange->streaming);
    }
    enter(exchange->connection, HEAD);
    if (exchange->part != NULL) {
        MHD_destroy_post_processor(exchange->form);
        g_byte_array_unref(exchange->part);
    }
    dm_request_free(request);
    g_free(exchange->target);
    g_free(exchange);
    *context = NULL;
}

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
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, may_connect, server, on_request,
        server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        server->settings->max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_END);
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
