// SPDX-License-Identifier: MIT
//
// What is sent: see server_private.h.
#include "watcher/page/server_private.h"

#include <string.h>

#define STREAM_BLOCK (64u << 10)

void dm_connection_enter(struct connection *connection, enum phase phase) {
    connection->phase = phase;
    connection->since_us = g_get_monotonic_time();
    connection->bytes = 0;
    connection->waits = false;
}

// ---- waiting and going on

void dm_exchange_suspend(struct exchange *exchange) {
    exchange->is_suspended = true;
    exchange->connection->waits = true;
    g_hash_table_add(exchange->server->suspended, exchange);
    MHD_suspend_connection(exchange->handle);
}

void dm_exchange_resume(struct dm_request *request) {
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
        dm_exchange_suspend(exchange);
        return 0;
    }
    exchange->connection->since_us = g_get_monotonic_time();
    if (count == DM_STREAM_END) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    return count > 0 ? count : MHD_CONTENT_READER_END_WITH_ERROR;
}

void dm_exchange_end_stream(struct streaming *streaming) {
    if (streaming->exchange != NULL) {
        streaming->exchange->streaming = NULL;
        streaming->exchange = NULL;
        streaming->stream.end(streaming->stream.data);
    }
}

static void free_stream(void *data) {
    dm_exchange_end_stream(data);
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

enum MHD_Result dm_exchange_answer(struct exchange *exchange) {
    struct dm_server *server = exchange->server;
    unsigned status = exchange->request->answer.status;
    struct MHD_Response *response = new_response(exchange);
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(response, exchange->request->answer.headers);
    dm_connection_enter(exchange->connection, ANSWER);
    exchange->is_queued = true;
    server->status.answers[MIN(status / 100, 5)]++;
    enum MHD_Result result = MHD_queue_response(exchange->handle, status, response);
    MHD_destroy_response(response);
    return result;
}
