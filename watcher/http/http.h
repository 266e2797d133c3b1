// SPDX-License-Identifier: MIT
//
// Asking by HTTP, many requests at once, for the commands that talk to a page elsewhere and the
// notices that go somewhere. What it stands on (libcurl with thirty libraries behind it) is in a
// module of its own, as the stores are: who asks nobody does not pay for it.
//
//   http_open   loads the module
//   http_curl   the module: libcurl
#ifndef DM_WATCHER_HTTP_HTTP_H
#define DM_WATCHER_HTTP_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_http;

/** What came of a request. */
struct dm_http_answer {
    // 0: there is no answer, or not all of it.
    int status;
    // The answer itself, but for what went into a file; without one, why. Never NULL.
    const char *text;
    // Without an answer: what went wrong here, with the file; 0: on the way.
    int errnum;
};

/** A request. Texts are copied; files stay open until it is over. */
struct dm_http_request {
    // "GET", "POST", "PUT"
    const char *method;
    const char *url;
    // (nullable) JSON that is sent.
    const char *text;
    // Or a file's first bytes. -1: none.
    int body_fd;
    int64_t body_bytes;
    // Where an answer of status 200 is written, from the file's beginning. -1: nowhere.
    int answer_fd;
    // So long it may take, all in all; 0: as long as something moves.
    int64_t max_us;
    // It is over, once.
    void (*done)(const struct dm_http_answer *answer, void *user);
    void *user;
};

/** The module's functions; all on one thread. */
struct dm_http_calls {
    // @token (nullable): said to everybody who is asked; @ca_file (nullable): who signs
    // certificates.
    struct dm_http *(*make)(const char *token, const char *ca_file);
    void (*ask)(struct dm_http *http, const struct dm_http_request *request);
    // Go on with all of them, and wait at most @max_wait_ms for something to happen.
    void (*turn)(struct dm_http *http, int max_wait_ms);
    // Of bodies, so far.
    int64_t (*sent_bytes)(const struct dm_http *http);
    // What is not over ends without an answer. Accepts NULL.
    void (*free)(struct dm_http *http);
};

/** Load it; it stays loaded, and this process leaves no core: it knows a secret. Errors:
 * DM_ERROR_SYSTEM. */
const struct dm_http_calls *dm_http_open(GError **error);

#endif
