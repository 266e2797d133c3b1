// SPDX-License-Identifier: MIT
#include "watcher/page/request.h"
#include "watcher/page/fields.h"
#include "watcher/page/gzip.h"
#include "watcher/page/request_private.h"

#include <assert.h>
#include <string.h>

#define PACKED_MIN_BYTES 1000
#define PACKED_LEVEL 6

struct dm_request *dm_request_new(void) {
    struct dm_request *request = g_new0(struct dm_request, 1);
    request->parts = g_ptr_array_new_with_free_func(g_free);
    request->answer.headers = g_ptr_array_new_with_free_func(g_free);
    request->length = -1;
    return request;
}

void dm_request_free(struct dm_request *request) {
    if (request == NULL) {
        return;
    }
    g_free(request->method);
    dm_target_clear(&request->target);
    g_ptr_array_unref(request->parts);
    dm_client_clear(&request->client);
    g_clear_pointer(&request->kept, g_byte_array_unref);
    g_clear_pointer(&request->body, g_bytes_unref);
    g_clear_pointer(&request->fields, g_hash_table_unref);
    g_free(request->file_name);
    g_ptr_array_unref(request->answer.headers);
    g_clear_pointer(&request->answer.body, g_bytes_unref);
    g_free(request);
}

// ---- what it asks

const char *dm_request_method(const struct dm_request *request) {
    return request->method;
}

const char *dm_request_path(const struct dm_request *request) {
    return request->target.path;
}

const char *dm_request_part(const struct dm_request *request, unsigned index) {
    assert(index < request->parts->len);
    return request->parts->pdata[index];
}

const char *dm_request_query(const struct dm_request *request, const char *name) {
    return g_hash_table_lookup(request->target.query, name);
}

const char *dm_request_header(const struct dm_request *request, const char *name) {
    return request->header(request->connection, name);
}

int64_t dm_request_length(const struct dm_request *request) {
    return request->length;
}

const struct dm_client *dm_request_client(const struct dm_request *request) {
    return &request->client;
}

GBytes *dm_request_body(const struct dm_request *request) {
    return request->body;
}

const char *const *dm_request_fields(struct dm_request *request, const char *name) {
    static const char *const none[] = {NULL};
    if (request->fields == NULL) {
        request->fields = dm_fields_read(dm_request_header(request, "Content-Type"), request->body);
    }
    GPtrArray *values = g_hash_table_lookup(request->fields, name);
    return values != NULL ? (const char *const *)values->pdata : none;
}

const char *dm_request_field(struct dm_request *request, const char *name) {
    return dm_request_fields(request, name)[0];
}

void dm_request_on_gone(struct dm_request *request, void (*gone)(void *data), void *data) {
    request->gone = gone;
    request->gone_data = data;
}

void dm_request_sink(struct dm_request *request, const struct dm_sink *sink) {
    request->sink = *sink;
    request->has_sink = true;
}

void dm_request_form_sink(struct dm_request *request, const struct dm_sink *sink) {
    dm_request_sink(request, sink);
    request->is_form = true;
    request->fields = dm_fields_new();
}

const char *dm_request_file_name(const struct dm_request *request) {
    return request->file_name != NULL ? request->file_name : "";
}

// ---- answers

void dm_request_add_header(struct dm_request *request, const char *name, const char *value) {
    g_ptr_array_add(request->answer.headers, g_strdup(name));
    g_ptr_array_add(request->answer.headers, g_strdup(value));
}

static void answer(struct dm_request *request, unsigned status, const char *type) {
    assert(!request->is_answered);
    request->is_answered = true;
    request->answer.status = status;
    if (type != NULL) {
        dm_request_add_header(request, "Content-Type", type);
    }
}

static bool has_header(const struct dm_request *request, const char *name) {
    const GPtrArray *headers = request->answer.headers;
    for (unsigned i = 0; i < headers->len; i += 2) {
        if (g_ascii_strcasecmp(headers->pdata[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/** Text that is long enough goes compressed to whoever takes it so; takes @body. */
static GBytes *packed(struct dm_request *request, const char *type, GBytes *body) {
    bool is_text =
        type != NULL && (g_str_has_prefix(type, "text/") || strcmp(type, "application/json") == 0);
    if (!is_text || g_bytes_get_size(body) < PACKED_MIN_BYTES ||
        has_header(request, "Content-Encoding") ||
        !dm_gzip_is_accepted(dm_request_header(request, "Accept-Encoding"))) {
        return body;
    }
    GBytes *small = dm_gzip(body, PACKED_LEVEL);
    if (small == NULL) {
        return body;
    }
    g_bytes_unref(body);
    dm_request_add_header(request, "Content-Encoding", "gzip");
    dm_request_add_header(request, "Vary", "Accept-Encoding");
    return small;
}

void dm_request_answer(struct dm_request *request, unsigned status, const char *type,
                       GBytes *body) {
    answer(request, status, type);
    request->answer.body = packed(request, type, body);
    request->gone = NULL;
    request->resume(request);
}

void dm_request_answer_text(struct dm_request *request, unsigned status, const char *type,
                            const char *text) {
    dm_request_answer(request, status, type, g_bytes_new(text, strlen(text)));
}

void dm_request_answer_json(struct dm_request *request, unsigned status, struct dm_json *json) {
    char *text = dm_json_end(json);
    dm_request_answer(request, status, "application/json", g_bytes_new_take(text, strlen(text)));
}

void dm_request_refuse(struct dm_request *request, const struct dm_trouble *trouble) {
    struct dm_json *json = dm_json_new_line();
    dm_json_object(json, NULL);
    dm_json_text(json, "error", trouble->code);
    dm_json_text(json, "what", trouble->what);
    dm_json_text(json, "why", trouble->why != NULL ? trouble->why : "");
    dm_json_text(json, "todo", trouble->todo != NULL ? trouble->todo : "");
    dm_json_close(json);
    dm_request_answer_json(request, trouble->status, json);
}

void dm_request_redirect(struct dm_request *request, const char *location) {
    dm_request_add_header(request, "Location", location);
    dm_request_answer_text(request, 303, "text/plain; charset=utf-8", "");
}

void dm_request_answer_stream(struct dm_request *request, unsigned status, const char *type,
                              const struct dm_stream *stream) {
    answer(request, status, type);
    request->answer.stream = *stream;
    request->gone = NULL; // the stream's end is called
    request->resume(request);
}

void dm_request_resume(struct dm_request *request) {
    request->resume(request);
}
