// SPDX-License-Identifier: MIT
//
// The bytes of a transfer, both ways, as libcurl calls for them. A body can be rewound: libcurl
// sends it again when a connection that it kept open turns out to be closed.
#include "watcher/store/store_s3_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_ANSWER_BYTES (16 * 1024 * 1024)
#define MEMORY_MAX_BYTES (1024 * 1024)

static size_t on_read(char *buffer, size_t size, size_t count, void *user) {
    struct dm_s3_transfer *t = user;
    int64_t length = MIN((int64_t)(size * count), t->length - t->sent);
    memcpy(buffer, (const char *)t->bytes + t->sent, (size_t)length);
    t->sent += length;
    return (size_t)length;
}

static int on_seek(void *user, curl_off_t offset, int origin) {
    struct dm_s3_transfer *t = user;
    if (origin != SEEK_SET || offset < 0 || offset > t->length)
        return CURL_SEEKFUNC_CANTSEEK;
    t->sent = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t on_header(char *line, size_t size, size_t count, void *user) {
    struct dm_s3_transfer *t = user;
    dm_s3_reply_line(&t->reply, line, size * count);
    return size * count;
}

/** Write what came of an object to the file. */
static bool keep(struct dm_s3_transfer *t, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = pwrite(t->request->get.fd, bytes, length, t->received);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            t->sink_errnum = errno;
            return false;
        }
        t->received += n;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

static int64_t max_object(const struct dm_store_get_options *get) {
    if (get->max_bytes > 0)
        return get->max_bytes;
    return get->fd < 0 ? MEMORY_MAX_BYTES : G_MAXINT64;
}

static bool take_object(struct dm_s3_transfer *t, const char *bytes, size_t length) {
    int64_t most = max_object(&t->request->get);
    t->is_too_big = t->reply.content_length > most || t->received + (int64_t)length > most;
    if (t->is_too_big)
        return false;
    dm_sha256_add(t->sum, bytes, length);
    if (t->request->get.fd >= 0)
        return keep(t, bytes, length);
    g_string_append_len(t->reply.body, bytes, (gssize)length);
    t->received += (int64_t)length;
    return true;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *user) {
    struct dm_s3_transfer *t = user;
    size_t length = size * count;
    t->s3->status.received_bytes += (int64_t)length;
    if (t->sum != NULL && t->reply.status >= 200 && t->reply.status < 300)
        return take_object(t, bytes, length) ? length : 0;
    if (t->reply.body->len + length > MAX_ANSWER_BYTES)
        return 0;
    g_string_append_len(t->reply.body, bytes, (gssize)length);
    return length;
}

void dm_s3_sink_attach(struct dm_s3_transfer *transfer) {
    CURL *easy = transfer->easy;
    transfer->sent = transfer->received = 0;
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    dm_sha256_free(transfer->sum);
    transfer->sum = NULL;
    if (transfer->request->verb == DM_STORE_GET)
        transfer->sum = dm_sha256_new();
}
