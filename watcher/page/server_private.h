// SPDX-License-Identifier: MIT
//
// Inside the server, the only room that knows libmicrohttpd:
//
//   server            who is there and for how long; listening
//   server_exchange   a request: its head, its body, and who answers it
//   server_answer     what is sent; none of them needs one above it
#ifndef DM_WATCHER_PAGE_SERVER_PRIVATE_H
#define DM_WATCHER_PAGE_SERVER_PRIVATE_H

#include "watcher/page/request_private.h"
#include "watcher/page/server_records.h"

#include <microhttpd.h>

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

/** @connection begins with @phase. */
void dm_connection_enter(struct connection *connection, enum phase phase);

/** It waits for us; and for us no more. The second is the `resume` of its request. */
void dm_exchange_suspend(struct exchange *exchange);
void dm_exchange_resume(struct dm_request *request);

/** Send the answer that its request has. */
enum MHD_Result dm_exchange_answer(struct exchange *exchange);

/** Its answer's stream is over, or nobody hears it any more. */
void dm_exchange_end_stream(struct streaming *streaming);

/** What libmicrohttpd calls: a request line has come; what it is and brings; it is over. */
void *dm_exchange_on_target(void *server, const char *target, struct MHD_Connection *handle);
enum MHD_Result dm_exchange_on_request(void *server, struct MHD_Connection *handle, const char *url,
                                       const char *method, const char *version, const char *bytes,
                                       size_t *size, void **context);
void dm_exchange_on_completed(void *server, struct MHD_Connection *handle, void **context,
                              enum MHD_RequestTerminationCode code);

#endif
