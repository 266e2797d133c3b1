// SPDX-License-Identifier: MIT
//
// The inside of store_s3: the store, and a transfer.
#ifndef DM_WATCHER_STORE_STORE_S3_PRIVATE_H
#define DM_WATCHER_STORE_STORE_S3_PRIVATE_H

#include "watcher/store/credentials.h"
#include "watcher/store/outcome.h"
#include "watcher/store/s3_place.h"
#include "watcher/store/s3_reply.h"
#include "watcher/store/sha256.h"
#include "watcher/store/store_backend.h"

#include <curl/curl.h>

// Larger bodies wait for "100 Continue".
#define DM_S3_EXPECT_FROM_BYTES (1024 * 1024)

struct dm_s3_store {
    struct dm_store store;
    struct dm_s3_place place;
    char *region;
    char *ca_file;
    int stall_s;
    int64_t (*now_utc_us)(void);
    // Theirs minus ours, once we were told that it matters.
    int64_t clock_offset_us;
    struct dm_credentials *credentials;
    // Those that came after a refusal: if they are refused as well, it was not for their age.
    unsigned renewed_generation;
    // One was sent without having been asked for.
    bool never_continues;
    // By verb: whether one was ever carried out.
    bool has_worked[DM_STORE_VERB_COUNT];

    CURLM *multi;
    // struct dm_s3_transfer: not begun; on the wire; at their end.
    GQueue *waiting;
    GPtrArray *running;
    GQueue *finished;
    // CURL handles to use again.
    GPtrArray *idle;
    // struct dm_s3_buffer: to use again.
    GPtrArray *buffers;
    struct dm_store_status status;
};

/** Room for a body. */
struct dm_s3_buffer {
    int64_t capacity;
    char *bytes;
};

/** An operation and its attempt. */
struct dm_s3_transfer {
    struct dm_s3_store *s3;
    struct dm_store_request *request;
    dm_store_done_fn done;
    void *user;
    struct dm_outcome outcome;

    // ---- what is sent
    const void *bytes;
    char *owned_text;
    struct dm_s3_buffer *buffer;
    int64_t length, sent;
    char sha256[DM_SHA256_HEX_BYTES];
    char *host; // we were sent to; NULL: the place's
    int hops;
    // What it was signed with.
    char *region;
    unsigned credentials_generation;
    bool has_token;

    // ---- the attempt
    CURL *easy;
    struct curl_slist *headers;
    char error_text[CURL_ERROR_SIZE];
    struct dm_s3_reply reply;
    // GET: of the object.
    struct dm_sha256 *sum;
    int64_t received;
    int sink_errnum;
    bool is_too_big;
};

// ---- store_s3_request.c

/** Read the body (once) and set up @transfer->easy for an attempt, signed with @set. Returns false
 * and says why in the outcome. */
bool dm_s3_request_prepare(struct dm_s3_transfer *transfer, const struct dm_credentials_set *set);

// ---- store_s3_buffers.c

/** One of @length or more; (transfer full). */
struct dm_s3_buffer *dm_s3_buffer_take(struct dm_s3_store *s3, int64_t length);

/** @buffer is not needed any more: (transfer full, nullable). */
void dm_s3_buffer_give(struct dm_s3_store *s3, struct dm_s3_buffer *buffer);
void dm_s3_buffer_free(struct dm_s3_buffer *buffer);

// ---- store_s3_sink.c

/** Let @transfer->easy take bytes from it and bring them to it. */
void dm_s3_sink_attach(struct dm_s3_transfer *transfer);

// ---- store_s3_answer.c

/** Say in the outcome what came of the attempt, which ended with @code. Returns whether it is to be
 * made again elsewhere. */
bool dm_s3_answer(struct dm_s3_transfer *transfer, CURLcode code);

// ---- store_s3_http.c

/** A dm_http_fn. */
char *dm_s3_http(const struct dm_http_request *request, const atomic_bool *stop, int *ret_status,
                 GError **error);

#endif
