// SPDX-License-Identifier: MIT
//
// A request of store_backend.h as one of HTTP, signed at the moment of its attempt. The URL is made
// of the same bytes that are signed, and libcurl leaves them as they are.
#include "watcher/store/store_s3_private.h"

#include "watcher/store/sigv4.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BIG_BUFFER_BYTES (256 * 1024L)
#define CONNECT_WAIT_MS 10000L
#define STALL_BYTES_PER_S 100L
#define LONG_STALLS 10
#define MAX_PAIRS 24

/** Names and values; what it was given as an own text dies with it. */
struct pairs {
    struct dm_sigv4_pair list[MAX_PAIRS];
    size_t count;
    GPtrArray *owned;
};

static void pairs_clear(struct pairs *pairs) {
    g_ptr_array_unref(pairs->owned);
}

/** Add one; nothing if @value is NULL. */
static void add(struct pairs *pairs, const char *name, const char *value) {
    if (value == NULL)
        return;
    g_assert(pairs->count < MAX_PAIRS);
    pairs->list[pairs->count++] = (struct dm_sigv4_pair){name, value};
}

/** Add one, unless @value is "". */
static void add_said(struct pairs *pairs, const char *name, const char *value) {
    add(pairs, name, value != NULL && *value != '\0' ? value : NULL);
}

static void add_own(struct pairs *pairs, const char *name, char *value) {
    g_ptr_array_add(pairs->owned, value);
    add(pairs, name, value);
}

/** `next` of a list of uploads is "ID\nKEY". */
static void add_upload_marker(struct pairs *query, const char *from) {
    const char *end = from != NULL ? strchr(from, '\n') : NULL;
    if (end == NULL)
        return;
    add(query, "key-marker", end + 1);
    add_own(query, "upload-id-marker", g_strndup(from, (gsize)(end - from)));
}

static void make_query(const struct dm_store_request *r, struct pairs *query) {
    switch (r->verb) {
    case DM_STORE_LIST:
    case DM_STORE_PROBE:
        add(query, "list-type", "2");
        add(query, "encoding-type", "url");
        add_said(query, "prefix", r->key);
        add_own(query, "max-keys", g_strdup_printf("%d", MAX(r->max, 1)));
        add(query, "continuation-token", r->from);
        add(query, "start-after", r->after);
        break;
    case DM_STORE_CREATE:
        add(query, "uploads", "");
        break;
    case DM_STORE_PART:
        add_own(query, "partNumber", g_strdup_printf("%d", r->number));
        break;
    case DM_STORE_PARTS:
        add_own(query, "max-parts", g_strdup_printf("%d", r->max));
        add(query, "part-number-marker", r->from);
        break;
    case DM_STORE_UPLOADS:
        add(query, "uploads", "");
        add(query, "encoding-type", "url");
        add_said(query, "prefix", r->key);
        add_upload_marker(query, r->from);
        break;
    default:
        break;
    }
    add(query, "uploadId", r->upload_id);
}

/** What is said of an object. Signed are x-amz-* and the type only; the rest passes proxies. */
static void add_attributes(const struct dm_store_request *r, struct pairs *is_signed,
                           struct pairs *plain) {
    const struct dm_store_attributes *a = &r->attributes;
    const char *type = a->content_type;
    if (r->verb == DM_STORE_CREATE && (type == NULL || *type == '\0'))
        type = "application/octet-stream";
    add_said(is_signed, "Content-Type", type);
    add_said(plain, "Cache-Control", a->cache_control);
    add_said(plain, "Content-Disposition", a->content_disposition);
    add_said(plain, "Content-Encoding", a->content_encoding);
    add_said(is_signed, "x-amz-acl", a->acl);
    add_said(is_signed, "x-amz-storage-class", a->storage_class);
    add_said(is_signed, "x-amz-server-side-encryption", a->sse);
    add_said(is_signed, "x-amz-server-side-encryption-aws-kms-key-id", a->sse_kms_key_id);
    add_said(is_signed, "x-amz-tagging", a->tags);
    if (a->mtime_ns > 0)
        add_own(is_signed, "x-amz-meta-mtime", dm_s3_spell_mtime(a->mtime_ns));
    add_said(is_signed, "x-amz-meta-sha256", a->sha256);
}

static void add_condition(struct pairs *headers, const char *name, const char *etag) {
    if (etag != NULL)
        add_own(headers, name, g_strdup_printf("\"%s\"", etag));
}

static void add_range(const struct dm_store_get_options *get, struct pairs *headers) {
    if (get->length >= 0)
        add_own(headers, "Range",
                g_strdup_printf("bytes=%" PRId64 "-%" PRId64, get->offset,
                                get->offset + get->length - 1));
    else if (get->offset > 0)
        add_own(headers, "Range", g_strdup_printf("bytes=%" PRId64 "-", get->offset));
}

static void make_headers(const struct dm_s3_transfer *t, struct pairs *is_signed,
                         struct pairs *plain) {
    const struct dm_store_request *r = t->request;
    switch (r->verb) {
    case DM_STORE_PUT:
    case DM_STORE_CREATE:
        add_attributes(r, is_signed, plain);
        break;
    case DM_STORE_GET:
        add_condition(plain, "If-Match", r->if_match);
        add_range(&r->get, is_signed);
        break;
    case DM_STORE_COPY: {
        g_autofree char *source = g_strconcat("/", t->s3->place.bucket, "/", r->from_key, NULL);
        add_own(is_signed, "x-amz-copy-source", dm_sigv4_encode_path(source));
        if (r->if_match != NULL)
            add_own(is_signed, "x-amz-copy-source-if-match",
                    g_strdup_printf("\"%s\"", r->if_match));
        break;
    }
    case DM_STORE_COMPLETE:
        add(is_signed, "Content-Type", "application/xml");
        break;
    default:
        break;
    }
}

/** A text that would end its header, or begin another one. */
static bool is_bad(const struct pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        for (const char *c = pairs->list[i].value; *c != '\0'; c++) {
            if (g_ascii_iscntrl(*c) && *c != '\t')
                return true;
        }
    }
    return false;
}

static char *spell_parts(const struct dm_store_request *r) {
    GString *xml = g_string_new("<CompleteMultipartUpload>");
    for (size_t i = 0; i < r->part_count; i++) {
        g_autofree char *etag = g_markup_escape_text(r->parts[i].etag, -1);
        g_string_append_printf(
            xml, "<Part><PartNumber>%d</PartNumber><ETag>&quot;%s&quot;</ETag></Part>",
            r->parts[i].number, etag);
    }
    g_string_append(xml, "</CompleteMultipartUpload>");
    return g_string_free(xml, FALSE);
}

/** Read what is to be sent, and make its sum on the way. */
static bool read_body(struct dm_s3_transfer *t) {
    const struct dm_store_body *body = &t->request->body;
    t->length = body->length;
    t->bytes = body->bytes;
    if (t->bytes != NULL || t->length == 0)
        return true;
    t->buffer = dm_s3_buffer_take(t->s3, t->length);
    t->bytes = t->buffer->bytes;
    struct dm_sha256 *sum = dm_sha256_new();
    bool good = dm_body_fill(body, &t->outcome, t->buffer->bytes, sum);
    if (good)
        dm_sha256_end(sum, t->sha256);
    dm_sha256_free(sum);
    return good;
}

/** Have the bytes to send, and their sum; once for all attempts. */
static bool have_body(struct dm_s3_transfer *t) {
    struct dm_store_request *r = t->request;
    if (*t->sha256 != '\0')
        return true;
    if (r->verb == DM_STORE_COMPLETE) {
        t->owned_text = spell_parts(r);
        t->bytes = t->owned_text;
        t->length = (int64_t)strlen(t->bytes);
    } else if ((r->verb == DM_STORE_PUT || r->verb == DM_STORE_PART) && !read_body(t)) {
        return false;
    }
    if (*t->sha256 == '\0')
        dm_sha256_hex(t->bytes != NULL ? t->bytes : "", (size_t)t->length, t->sha256);
    if (r->verb == DM_STORE_PUT &&
        (r->attributes.sha256 == NULL || *r->attributes.sha256 == '\0')) {
        g_free((char *)r->attributes.sha256);
        r->attributes.sha256 = g_strdup(t->sha256);
    }
    return true;
}

static void append_header(struct dm_s3_transfer *t, const char *name, const char *value) {
    g_autofree char *line = g_strconcat(name, ": ", value, NULL);
    t->headers = curl_slist_append(t->headers, line);
}

/** The headers of the attempt, with its signature. */
static void sign(struct dm_s3_transfer *t, const struct dm_credentials_set *set,
                 const struct dm_sigv4_request *unsigned_request, struct pairs *headers,
                 const char *host) {
    struct dm_s3_store *s3 = t->s3;
    char date[DM_SIGV4_DATE_BYTES];
    dm_sigv4_date(s3->now_utc_us() + s3->clock_offset_us, date);
    add(headers, "x-amz-date", date);
    add(headers, "x-amz-content-sha256", t->sha256);
    add_said(headers, "x-amz-security-token", set->session_token);
    t->has_token = *set->session_token != '\0';
    for (size_t i = 0; i < headers->count; i++)
        append_header(t, headers->list[i].name, headers->list[i].value);
    add(headers, "Host", host); // libcurl sends it
    struct dm_sigv4_request request = *unsigned_request;
    request.headers = headers->list;
    request.header_count = headers->count;
    g_free(t->region);
    t->region = g_strdup(s3->region);
    struct dm_sigv4_signer signer = {set->access_key_id, set->secret_access_key, t->region, "s3"};
    g_autofree char *authorization = dm_sigv4_authorize(&request, &signer, date);
    append_header(t, "Authorization", authorization);
}

static void set_method(struct dm_s3_transfer *t, const char *method) {
    CURL *easy = t->easy;
    if (strcmp(method, "PUT") == 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->length);
    } else if (strcmp(method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->length);
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "DELETE") == 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

/** To put parts together, or to copy, the other side may need minutes in which next to nothing
 * comes.
 */
static void set_patience(struct dm_s3_transfer *t) {
    bool is_long = t->request->verb == DM_STORE_COMPLETE || t->request->verb == DM_STORE_COPY;
    curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, is_long ? 1L : STALL_BYTES_PER_S);
    curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME,
                     (long)t->s3->stall_s * (is_long ? LONG_STALLS : 1));
}

static void set_transport(struct dm_s3_transfer *t) {
    const struct dm_s3_store *s3 = t->s3;
    CURL *easy = t->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error_text);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_WAIT_MS);
    set_patience(t);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "dropmill/" DM_VERSION);
    if (*s3->ca_file != '\0')
        curl_easy_setopt(easy, CURLOPT_CAINFO, s3->ca_file);
    if (t->length >= DM_S3_EXPECT_FROM_BYTES)
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, BIG_BUFFER_BYTES);
}

/** One that is ignored costs a second, so small bodies do without. */
static void set_expect(struct dm_s3_transfer *t) {
    if (t->length < DM_S3_EXPECT_FROM_BYTES || t->s3->never_continues)
        t->headers = curl_slist_append(t->headers, "Expect:");
}

bool dm_s3_request_prepare(struct dm_s3_transfer *transfer, const struct dm_credentials_set *set) {
    struct dm_s3_transfer *t = transfer;
    const struct dm_s3_place *place = &t->s3->place;
    if (!have_body(t))
        return false;
    struct pairs query = {.owned = g_ptr_array_new_with_free_func(g_free)};
    struct pairs headers = {.owned = g_ptr_array_new_with_free_func(g_free)};
    struct pairs plain = {.owned = g_ptr_array_new_with_free_func(g_free)};
    make_query(t->request, &query);
    make_headers(t, &headers, &plain);
    bool good = !is_bad(&headers) && !is_bad(&plain);
    if (good) {
        bool is_listing = t->request->verb == DM_STORE_LIST || t->request->verb == DM_STORE_UPLOADS;
        g_autofree char *path = dm_s3_place_path(place, is_listing ? "" : t->request->key);
        g_autofree char *host = t->host != NULL ? g_strdup(t->host) : dm_s3_place_host(place);
        struct dm_sigv4_request request = {.method = dm_store_verb_method(t->request->verb),
                                           .path = path,
                                           .query = query.list,
                                           .query_count = query.count,
                                           .payload_sha256 = t->sha256};
        sign(t, set, &request, &headers, host);
        for (size_t i = 0; i < plain.count; i++)
            append_header(t, plain.list[i].name, plain.list[i].value);
        set_expect(t);
        set_transport(t);
        set_method(t, request.method);
        g_autofree char *url_path = dm_sigv4_encode_path(path);
        g_autofree char *url_query = dm_sigv4_encode_query(query.list, query.count);
        g_autofree char *url = g_strconcat(place->scheme, "://", host, url_path,
                                           *url_query != '\0' ? "?" : "", url_query, NULL);
        curl_easy_setopt(t->easy, CURLOPT_URL, url);
        dm_s3_sink_attach(t);
    } else {
        dm_outcome_fail(&t->outcome, DM_STORE_OBJECT,
                        "%s: '%s' has attributes with control characters",
                        dm_store_verb_name(t->request->verb), t->request->key);
    }
    pairs_clear(&query);
    pairs_clear(&headers);
    pairs_clear(&plain);
    return good;
}
