// SPDX-License-Identifier: MIT
//
// Where a bucket is, and what its answers mean.
#include "watcher/store/s3_errors.h"
#include "watcher/store/s3_place.h"
#include "watcher/store/s3_reply.h"

#include "common/error.h"

#include <string.h>

/** The URL of @key, or the complaint. */
static char *url_of(const char *endpoint, const char *bucket, const char *addressing,
                    bool allow_http, const char *key) {
    g_autofree char *e = g_strdup(endpoint);
    g_autofree char *b = g_strdup(bucket);
    g_autofree char *a = g_strdup(addressing);
    struct dm_store_settings settings = {
        .endpoint = e, .bucket = b, .addressing = a, .allow_http = allow_http};
    struct dm_s3_place place;
    GError *error = NULL;
    if (!dm_s3_place_init(&place, &settings, "eu-west-1", &error)) {
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        char *text = g_strdup(error->message);
        g_error_free(error);
        return text;
    }
    g_autofree char *host = dm_s3_place_host(&place);
    g_autofree char *path = dm_s3_place_path(&place, key);
    char *url = g_strconcat(place.scheme, "://", host, path, NULL);
    dm_s3_place_clear(&place);
    return url;
}

static void test_places(void) {
    static const struct {
        const char *endpoint, *bucket, *addressing, *url;
    } cases[] = {
        {"", "bucket", "auto", "https://bucket.s3.eu-west-1.amazonaws.com/k"},
        {"", "my.bucket", "auto", "https://s3.eu-west-1.amazonaws.com/my.bucket/k"},
        {"", "Bucket", "auto", "https://s3.eu-west-1.amazonaws.com/Bucket/k"},
        {"", "bucket", "path", "https://s3.eu-west-1.amazonaws.com/bucket/k"},
        {"https://minio.local:9000", "bucket", "auto", "https://minio.local:9000/bucket/k"},
        {"https://Minio.local:443/", "bucket", "virtual", "https://bucket.minio.local/k"},
        {"http://127.0.0.1:9000", "bucket", "auto", "http://127.0.0.1:9000/bucket/k"},
        {"http://[::1]:9000", "bucket", "auto", "http://[::1]:9000/bucket/k"},
        {"http://localhost:80", "bucket", "virtual", "http://bucket.localhost/k"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url =
            url_of(cases[i].endpoint, cases[i].bucket, cases[i].addressing, false, "k");
        g_assert_cmpstr(url, ==, cases[i].url);
    }
    g_autofree char *open_url = url_of("http://minio.local", "bucket", "auto", true, "");
    g_assert_cmpstr(open_url, ==, "http://minio.local/bucket");
}

static void test_refused_places(void) {
    static const struct {
        const char *endpoint, *bucket, *part;
    } cases[] = {
        {"", "ab", "s3.bucket: 'ab'"},
        {"", "a/../b", "s3.bucket"},
        {"minio.local", "bucket", "expected https://HOST"},
        {"ftp://x", "bucket", "expected https://HOST"},
        {"https://", "bucket", "expected https://HOST"},
        {"https://host/path", "bucket", "expected https://HOST"},
        {"https://me:secret@host", "bucket", "expected https://HOST"},
        {"https://ho st", "bucket", "expected https://HOST"},
        {"http://minio.local", "bucket", "s3.allow_http"},
        {"http://127.0.0.1.example.net", "bucket", "s3.allow_http"},
        {"http://localhost.example.net", "bucket", "s3.allow_http"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = url_of(cases[i].endpoint, cases[i].bucket, "auto", false, "k");
        g_assert_nonnull(strstr(text, cases[i].part));
        g_assert_null(strstr(text, "secret@"));
    }
}

static void test_follow(void) {
    static const struct {
        const char *from, *to, *host;
    } cases[] = {
        {"s3.eu-west-1.amazonaws.com", "https://b.s3-us-west-2.amazonaws.com/b/k?x=1",
         "b.s3-us-west-2.amazonaws.com"},
        {"s3.eu-west-1.amazonaws.com", "http://b.s3-us-west-2.amazonaws.com/", NULL},
        {"s3.eu-west-1.amazonaws.com", "https://amazonaws.com.example.net/", NULL},
        {"s3.eu-west-1.amazonaws.com", "https://x@s3.amazonaws.com/", NULL},
        {"s3.eu-west-1.amazonaws.com", "", NULL},
        {"s3.eu-west-1.amazonaws.com", "/b/k", NULL},
        {"10.0.0.1:9000", "https://10.0.0.1:9001/", "10.0.0.1:9001"},
        {"10.0.0.1:9000", "https://11.0.0.1:9000/", NULL},
        {"[fd00::1]:9000", "https://[fd00::1]/", "[fd00::1]"},
        {"[fd00::1]:9000", "https://[fd00::2]/", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char https[] = "https";
        g_autofree char *from = g_strdup(cases[i].from);
        struct dm_s3_place place = {.scheme = https, .host = from};
        g_autofree char *host = dm_s3_place_follow(&place, cases[i].to);
        g_assert_cmpstr(host, ==, cases[i].host);
    }
}

static void take(struct dm_s3_reply *reply, const char *line) {
    dm_s3_reply_line(reply, line, strlen(line));
}

static void test_reply(void) {
    struct dm_s3_reply reply;
    dm_s3_reply_init(&reply);
    take(&reply, "HTTP/1.1 100 Continue\r\n");
    take(&reply, "ETag: \"old\"\r\n");
    take(&reply, "HTTP/1.1 206 Partial Content\r\n");
    g_assert_cmpstr(reply.etag, ==, "");
    take(&reply, "etag:  \"abc-2\" \r\n");
    take(&reply, "Date: Fri, 24 May 2013 12:00:00 GMT\r\n");
    take(&reply, "Retry-After: Fri, 24 May 2013 12:00:09 GMT\r\n");
    take(&reply, "Content-Length: 3\r\n");
    take(&reply, "Content-Range: bytes 1-3/60\r\n");
    take(&reply, "x-amz-meta-mtime: 1369353600.250000001\r\n");
    take(&reply, "no header\r\n");
    g_assert_cmpint(reply.status, ==, 206);
    g_assert_true(reply.has_continued);
    g_assert_cmpstr(reply.etag, ==, "abc-2");
    g_assert_cmpint(reply.retry_after_us, ==, 9000000);
    g_assert_cmpint(reply.content_length, ==, 3);
    g_assert_cmpint(reply.size, ==, 60);
    g_assert_cmpint(reply.mtime_ns, ==, INT64_C(1369353600250000001));
    take(&reply, "Retry-After: 99999999999999999999\r\n");
    g_assert_cmpint(reply.retry_after_us, ==, INT64_C(3600000000));
    take(&reply, "Retry-After: soon\r\n");
    g_assert_cmpint(reply.retry_after_us, ==, 0);
    take(&reply, "Content-Length: -4\r\n");
    g_assert_cmpint(reply.content_length, ==, -1);
    take(&reply, "x-amz-meta-mtime: nonsense\r\n");
    g_assert_cmpint(reply.mtime_ns, ==, 0);
    dm_s3_reply_clear(&reply);
}

static void test_mtime(void) {
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{INT64_C(1369353600250000001), "1369353600.250000001"},
                 {INT64_C(1369353600250000000), "1369353600.25"},
                 {INT64_C(1369353600000000000), "1369353600"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = dm_s3_spell_mtime(cases[i].ns);
        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

/** What a refusal means depends on what is asked, and on whether others are served. */
static void test_errors(void) {
    static const struct {
        enum dm_store_verb verb;
        int status;
        const char *code;
        bool others_work;
        enum dm_store_class class;
    } cases[] = {
        {DM_STORE_PUT, 403, "AccessDenied", false, DM_STORE_ENDPOINT},
        {DM_STORE_PUT, 403, "AccessDenied", true, DM_STORE_OBJECT},
        {DM_STORE_LIST, 403, "AccessDenied", true, DM_STORE_ENDPOINT},
        {DM_STORE_HEAD, 404, "", true, DM_STORE_MISSING},
        {DM_STORE_PROBE, 404, "", false, DM_STORE_ENDPOINT},
        {DM_STORE_PUT, 404, "NoSuchBucket", true, DM_STORE_ENDPOINT},
        {DM_STORE_PART, 404, "", true, DM_STORE_MULTIPART},
        {DM_STORE_PUT, 413, "", true, DM_STORE_OBJECT},
        {DM_STORE_PUT, 429, "", true, DM_STORE_THROTTLE},
        {DM_STORE_PUT, 502, "", true, DM_STORE_SERVER},
        {DM_STORE_PUT, 501, "NotImplemented", true, DM_STORE_OBJECT},
        {DM_STORE_PUT, 409, "OperationAborted", true, DM_STORE_SERVER},
        {DM_STORE_PUT, 412, "", true, DM_STORE_PRECONDITION},
        {DM_STORE_PUT, 400, "RequestTimeout", true, DM_STORE_TRANSPORT},
        {DM_STORE_PUT, 401, "", true, DM_STORE_ENDPOINT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_s3_reply reply;
        dm_s3_reply_init(&reply);
        reply.status = cases[i].status;
        struct dm_s3_failure failure = {cases[i].verb,        "k",  "b", &reply, cases[i].code, "",
                                        cases[i].others_work, false};
        struct dm_outcome outcome;
        dm_outcome_init(&outcome);
        dm_s3_explain(&failure, &outcome);
        g_test_message("%s", outcome.result.reason);
        g_assert_cmpstr(dm_store_class_name(outcome.result.class), ==,
                        dm_store_class_name(cases[i].class));
        dm_outcome_clear(&outcome);
        dm_s3_reply_clear(&reply);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/s3_place/places", test_places);
    g_test_add_func("/s3_place/refused places", test_refused_places);
    g_test_add_func("/s3_place/follow", test_follow);
    g_test_add_func("/s3_reply/reply", test_reply);
    g_test_add_func("/s3_reply/mtime", test_mtime);
    g_test_add_func("/s3_errors/errors", test_errors);
    return g_test_run();
}
