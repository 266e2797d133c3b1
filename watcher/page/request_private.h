// SPDX-License-Identifier: MIT
//
// Inside a request: what server.c fills in and sends.
#ifndef DM_WATCHER_PAGE_REQUEST_PRIVATE_H
#define DM_WATCHER_PAGE_REQUEST_PRIVATE_H

#include "watcher/page/access.h"
#include "watcher/page/guard.h"
#include "watcher/page/stream.h"

#include <glib.h>

struct dm_answer {
    unsigned status;
    // Names and values, in turn.
    GPtrArray *headers;
    // (nullable) Else it is a stream.
    GBytes *body;
    struct dm_stream stream;
};

struct dm_request {
    char *method;
    struct dm_target target;
    // What the stars of the route stand for: char *.
    GPtrArray *parts;
    int64_t length;
    struct dm_client client;
    // (nullable) As it comes, of a route that keeps it.
    GByteArray *kept;
    GBytes *body;
    // (nullable) Name to GPtrArray of char *, once asked for.
    GHashTable *fields;
    struct dm_sink sink;
    bool has_sink;
    // The sink is for a file in a form, which is called so.
    bool is_form;
    char *file_name;
    void (*gone)(void *data);
    void *gone_data;
    // Complete when `is_answered`.
    struct dm_answer answer;
    bool is_answered;

    // The server's side.
    const char *(*header)(void *connection, const char *name);
    void (*resume)(struct dm_request *request);
    void *connection;
};

struct dm_request *dm_request_new(void);
void dm_request_free(struct dm_request *request);

#endif
