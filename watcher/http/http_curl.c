// SPDX-License-Identifier: MIT
//
// See http.h. Redirections are not followed: the token is for who was named.
#include "watcher/http/http_curl.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 10000L
// Nothing has moved for so long: it is broken off.
#define STALLED_S 60L
#define MAX_CONNECTIONS 8L
#define MAX_TEXT_BYTES (16 << 20)

struct dm_http {
    CURLM *multi;
    struct curl_slist *headers, *json_headers;
    char *ca_file;
    int64_t sent_bytes;
    // Of struct transfer.
    GPtrArray *transfers;
};

/** A request on its way. Its texts are libcurl's. */
struct transfer {
    struct dm_http *http;
    CURL *easy;
    struct dm_http_request request;
    int64_t sent, got;
    int errnum;
    GString *text;
    char trouble[CURL_ERROR_SIZE];
};

// ---- bodies

static size_t on_read(char *buffer, size_t size, size_t count, void *user) {
    struct transfer *transfer = user;
    size_t most =
        (size_t)MIN((int64_t)(size * count), transfer->request.body_bytes - transfer->sent);
    ssize_t bytes = most > 0 ? pread(transfer->request.body_fd, buffer, most, transfer->sent) : 0;
    if (bytes < 0 || (bytes == 0 && most > 0)) {
        transfer->errnum = bytes < 0 ? errno : EIO; // it has become shorter
        return CURL_READFUNC_ABORT;
    }
    transfer->sent += bytes;
    transfer->http->sent_bytes += bytes;
    return (size_t)bytes;
}

static int on_seek(void *user, curl_off_t offset, int origin) {
    struct transfer *transfer = user;
    if (origin != SEEK_SET) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    transfer->sent = offset;
    return CURL_SEEKFUNC_OK;
}

static bool write_all(struct transfer *transfer, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = pwrite(transfer->request.answer_fd, bytes, size, transfer->got);
        if (written < 0) {
            transfer->errnum = errno;
            return false;
        }
        transfer->got += written;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static long status_of(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *user) {
    struct transfer *transfer = user;
    size *= count;
    if (transfer->request.answer_fd >= 0 && status_of(transfer->easy) == 200) {
        return write_all(transfer, bytes, size) ? size : 0;
    }
    if (transfer->text->len + size > MAX_TEXT_BYTES) {
        return 0;
    }
    g_string_append_len(transfer->text, bytes, (gssize)size);
    return size;
}

// ---- requests

static void set_body(const struct dm_http *http, struct transfer *transfer) {
    CURL *easy = transfer->easy;
    const struct dm_http_request *request = &transfer->request;
    if (request->text != NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->json_headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->text));
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->text);
    } else if (request->body_fd >= 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_bytes);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    }
}

static void set_up(const struct dm_http *http, struct transfer *transfer) {
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(transfer->request.max_us / 1000));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALLED_S);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->trouble);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    if (http->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    }
    set_body(http, transfer);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->request.method);
}

static void ask(struct dm_http *http, const struct dm_http_request *request) {
    struct transfer *transfer = g_new0(struct transfer, 1);
    transfer->http = http;
    transfer->request = *request;
    transfer->text = g_string_new(NULL);
    transfer->easy = curl_easy_init();
    g_assert(transfer->easy != NULL);
    set_up(http, transfer);
    transfer->request.method = transfer->request.url = transfer->request.text = NULL;
    g_ptr_array_add(http->transfers, transfer);
    curl_multi_add_handle(http->multi, transfer->easy);
}

static void end(struct transfer *transfer, CURLcode code) {
    struct dm_http *http = transfer->http;
    long status = status_of(transfer->easy);
    // Who refuses a body may leave before it is whole.
    bool is_answer = code == CURLE_OK || (code == CURLE_SEND_ERROR && status >= 400);
    const char *trouble = *transfer->trouble != '\0' ? transfer->trouble : curl_easy_strerror(code);
    const struct dm_http_answer answer = {
        .status = is_answer ? (int)status : 0,
        .text = is_answer ? transfer->text->str : trouble,
        .errnum = is_answer ? 0 : transfer->errnum,
    };
    curl_multi_remove_handle(http->multi, transfer->easy);
    g_ptr_array_remove_fast(http->transfers, transfer);
    transfer->request.done(&answer, transfer->request.user);
    curl_easy_cleanup(transfer->easy);
    g_string_free(transfer->text, TRUE);
    g_free(transfer);
}

static void turn(struct dm_http *http, int max_wait_ms) {
    int running, left;
    curl_multi_perform(http->multi, &running);
    bool is_over = false;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left)) != NULL;) {
        struct transfer *transfer;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        end(transfer, code);
        is_over = true;
    }
    if (!is_over) {
        curl_multi_poll(http->multi, NULL, 0, max_wait_ms, NULL);
    }
}

static int64_t sent_bytes(const struct dm_http *http) {
    return http->sent_bytes;
}

// ---- the whole

static struct dm_http *make(const char *token, const char *ca_file) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct dm_http *http = g_new0(struct dm_http, 1);
    g_autofree char *authorization =
        token != NULL ? g_strconcat("Authorization: Bearer ", token, NULL) : NULL;
    static const char user_agent[] = "User-Agent: dropmill/" DM_VERSION;
    http->multi = curl_multi_init();
    g_assert(http->multi != NULL);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, MAX_CONNECTIONS);
    for (int i = 0; i < 2; i++) {
        struct curl_slist **headers = i == 0 ? &http->headers : &http->json_headers;
        *headers = curl_slist_append(NULL, user_agent);
        if (authorization != NULL) {
            curl_slist_append(*headers, authorization);
        }
    }
    curl_slist_append(http->json_headers, "Content-Type: application/json");
    http->ca_file = g_strdup(ca_file);
    http->transfers = g_ptr_array_new();
    return http;
}

static void http_free(struct dm_http *http) {
    if (http == NULL) {
        return;
    }
    while (http->transfers->len > 0) {
        end(http->transfers->pdata[0], CURLE_ABORTED_BY_CALLBACK);
    }
    g_ptr_array_unref(http->transfers);
    curl_multi_cleanup(http->multi);
    curl_slist_free_all(http->headers);
    curl_slist_free_all(http->json_headers);
    g_free(http->ca_file);
    g_free(http);
}

const struct dm_http_calls dm_http_module = {
    .make = make,
    .ask = ask,
    .turn = turn,
    .sent_bytes = sent_bytes,
    .free = http_free,
};
