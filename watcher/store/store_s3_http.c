// SPDX-License-Identifier: MIT
//
// Small requests for credentials, on the thread that searches for them. Services of this machine
// and of its link are asked without a proxy.
#include "watcher/store/store_s3_private.h"

#include "common/error.h"

#include <string.h>

#define MAX_BYTES (256 * 1024)

static size_t on_bytes(char *bytes, size_t size, size_t count, void *user) {
    GString *text = user;
    if (text->len + size * count > MAX_BYTES)
        return 0;
    g_string_append_len(text, bytes, (gssize)(size * count));
    return size * count;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    const atomic_bool *stop = user;
    return atomic_load(stop);
}

static void set_up(CURL *easy, const struct dm_http_request *request, struct curl_slist *headers,
                   const atomic_bool *stop, GString *text) {
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, text);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, stop);
    if (g_str_has_prefix(request->url, "http://"))
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (request->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

char *dm_s3_http(const struct dm_http_request *request, const atomic_bool *stop, int *ret_status,
                 GError **error) {
    CURL *easy = curl_easy_init();
    g_assert(easy != NULL);
    struct curl_slist *headers = NULL;
    for (const char *const *h = request->headers; h != NULL && *h != NULL; h++)
        headers = curl_slist_append(headers, *h);
    GString *text = g_string_new(NULL);
    set_up(easy, request, headers, stop, text);
    CURLcode code = curl_easy_perform(easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    *ret_status = (int)status;
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    if (code == CURLE_OK)
        return g_string_free(text, FALSE);
    dm_forget(text->str, text->len);
    g_string_free(text, TRUE);
    dm_fail(error, DM_ERROR_TRANSIENT, "%s", curl_easy_strerror(code));
    return NULL;
}
