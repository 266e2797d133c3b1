// SPDX-License-Identifier: MIT
//
// A request as a route sees it, and its answer. A route may answer at once or later, from any
// callback of the main loop, but once: what it needs until then it keeps by the request's address,
// and lets go of it when it is told that the client has left (dm_request_on_gone).
//
// Threads: the main loop only.
#ifndef DM_WATCHER_PAGE_REQUEST_H
#define DM_WATCHER_PAGE_REQUEST_H

#include "watcher/json.h"
#include "watcher/page/access.h"
#include "watcher/page/stream.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_request;

/** "GET" (HEAD is answered by the same route), "POST", "PUT". */
const char *dm_request_method(const struct dm_request *request);
/** Unescaped, without its first slash: "api/drops/cmVz/zip". */
const char *dm_request_path(const struct dm_request *request);
/** The part of the path that the @index-th star of the route stands for. */
const char *dm_request_part(const struct dm_request *request, unsigned index);
/** (nullable) What the query says of @name, unescaped; "" when it stands there alone. */
const char *dm_request_query(const struct dm_request *request, const char *name);
/** (nullable) The value of a header. */
const char *dm_request_header(const struct dm_request *request, const char *name);
/** Bytes of the body as announced; -1: there is none. */
int64_t dm_request_length(const struct dm_request *request);
/** Who asks, and what they may. */
const struct dm_client *dm_request_client(const struct dm_request *request);
/** The body, whole; of a route that keeps it. */
GBytes *dm_request_body(const struct dm_request *request);

/**
 * What the body says of @name: a field of a form (urlencoded, or of several parts), or a member of
 * a JSON object; NULL: nothing. Of a route that keeps the body.
 */
const char *dm_request_field(struct dm_request *request, const char *name);
/** All that it says of it: a NULL-terminated list, never NULL. */
const char *const *dm_request_fields(struct dm_request *request, const char *name);

/** Call @gone with @data when the client leaves before it was answered, or, of a stream, before
 * its end. NULL: no more. */
void dm_request_on_gone(struct dm_request *request, void (*gone)(void *data), void *data);

// ---- answers: one each

/** Add a header to the answer: before it. */
void dm_request_add_header(struct dm_request *request, const char *name, const char *value);

/** @type: "text/html; charset=utf-8". @body: (transfer full). */
void dm_request_answer(struct dm_request *request, unsigned status, const char *type, GBytes *body);
void dm_request_answer_text(struct dm_request *request, unsigned status, const char *type,
                            const char *text);
/** @json: (transfer full), closed. */
void dm_request_answer_json(struct dm_request *request, unsigned status, struct dm_json *json);

/** What went wrong, for a script (@code) and for a person; @why and @todo are (nullable). */
struct dm_trouble {
    unsigned status;
    const char *code;
    const char *what;
    const char *why;
    const char *todo;
};
void dm_request_refuse(struct dm_request *request, const struct dm_trouble *trouble);

/** To another page, relative to this one's: after a form was sent. */
void dm_request_redirect(struct dm_request *request, const char *location);

void dm_request_answer_stream(struct dm_request *request, unsigned status, const char *type,
                              const struct dm_stream *stream);

/** The stream has something again, or the sink takes again. */
void dm_request_resume(struct dm_request *request);

// ---- bodies that come piece by piece

/** Let @sink take the body: in the head of a route whose body is DM_BODY_SINK. */
void dm_request_sink(struct dm_request *request, const struct dm_sink *sink);

/**
 * The same for a form of several parts: @sink takes the file in its field "file", and when the body
 * is whole dm_request_field() knows the other fields, and dm_request_file_name() what the file is
 * called, without directories ("" if there is none).
 */
void dm_request_form_sink(struct dm_request *request, const struct dm_sink *sink);
const char *dm_request_file_name(const struct dm_request *request);

#endif
