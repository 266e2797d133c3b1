// SPDX-License-Identifier: MIT
//
// What the server is told and tells: plain records.
#ifndef DM_WATCHER_PAGE_SERVER_RECORDS_H
#define DM_WATCHER_PAGE_SERVER_RECORDS_H

#include "watcher/page/access.h"
#include "watcher/page/guard.h"

#include <stdint.h>

struct dm_request;

/** What a route does with the body of its requests. */
enum dm_body {
    // Nothing.
    DM_BODY_NONE,
    // It is kept until it is whole: a form, or 8 MB of a picture.
    DM_BODY_KEEP,
    DM_BODY_KEEP_PICTURE,
    // The route has named a sink.
    DM_BODY_SINK,
};

struct dm_server_calls {
    /** The head is here, its target in parts. Answers what is refused, else says what is to be done
     * with the body. */
    enum dm_body (*head)(struct dm_request *request, void *data);
    /** It is whole, with its body where that was to be kept. */
    void (*whole)(struct dm_request *request, void *data);
    void *data;
};

struct dm_server_settings {
    struct dm_guard_settings guard;
    // Borrowed.
    const struct dm_access *access;
    // At once, and from one address (web servers before us and the socket have no such limit).
    unsigned max_connections, max_connections_an_address;
};

/** Counters, from 0. */
struct dm_server_status {
    int64_t connections;
    // By the first digit of the status code.
    int64_t answers[6];
    // By the guard, by missing rights, by limits of time and number.
    int64_t guarded, forbidden, cut, turned_away;
    int64_t body_bytes;
};

#endif
