// SPDX-License-Identifier: MIT
//
// A request, from its first line to its last byte: see server_private.h.
#include "watcher/page/fields.h"
#include "watcher/page/request.h"
#include "watcher/page/server_private.h"

#include <string.h>

#define KEPT_BODY_MAX (1 << 20)
#define KEPT_PICTURE_MAX (8 << 20)
#define FORM_BUFFER (16u << 10)
#define FIELD_MAX 4096

static const char *header_of(void *connection, const char *name) {
    const struct exchange *exchange = connection;
    return MHD_lookup_connection_value(exchange->handle, MHD_HEADER_KIND, name);
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
        return dm_exchange_answer(exchange);
    }
    dm_connection_enter(exchange->connection, BODY);
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
// NOLINTNEXTLINE(readability-function-size): libmicrohttpd wants these
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
        dm_exchange_suspend(exchange);
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
        dm_exchange_suspend(exchange);
        return MHD_YES;
    }
    if (!exchange->is_whole) {
        finish_body(exchange);
    }
    if (exchange->request->is_answered) {
        return dm_exchange_answer(exchange);
    }
    dm_exchange_suspend(exchange);
    return MHD_YES;
}

// ---- libmicrohttpd's side

void *dm_exchange_on_target(void *data, const char *target, struct MHD_Connection *handle) {
    struct exchange *exchange = g_new0(struct exchange, 1);
    exchange->server = data;
    exchange->handle = handle;
    exchange->connection =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    exchange->target = g_strdup(target);
    exchange->request = dm_request_new();
    exchange->request->connection = exchange;
    exchange->request->header = header_of;
    exchange->request->resume = dm_exchange_resume;
    return exchange;
}

// NOLINTNEXTLINE(readability-function-size): libmicrohttpd wants these
enum MHD_Result dm_exchange_on_request(void *data, struct MHD_Connection *handle, const char *url,
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

void dm_exchange_on_completed(void *data, struct MHD_Connection *handle, void **context,
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
        dm_exchange_end_stream(exchange->streaming);
    }
    dm_connection_enter(exchange->connection, HEAD);
    if (exchange->part != NULL) {
        MHD_destroy_post_processor(exchange->form);
        g_byte_array_unref(exchange->part);
    }
    dm_request_free(request);
    g_free(exchange->target);
    g_free(exchange);
    *context = NULL;
}
