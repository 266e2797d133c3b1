// SPDX-License-Identifier: MIT
//
// Signatures: the public vectors (sigv4_vectors.txt) and the worked examples of the manual of S3.
#include "watcher/store/sha256.h"
#include "watcher/store/sigv4.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define VECTORS "tests/unit/watcher/sigv4_vectors.txt"
#define SECRET_OF_VECTORS "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE_OF_VECTORS "20150830T123600Z"

/** A request of a vector, taken apart; all strings are its own. */
struct parsed {
    char *method, *path, *body;
    GArray *query, *headers; // struct dm_sigv4_pair
    GPtrArray *strings;
};

static char *keep(struct parsed *p, char *text) {
    g_ptr_array_add(p->strings, text);
    return text;
}

static void add_pair(struct parsed *p, GArray *pairs, char *name, char *value) {
    struct dm_sigv4_pair pair = {keep(p, name), keep(p, value)};
    g_array_append_val(pairs, pair);
}

/** What the vectors call normalised and S3 does not do: dots and doubled slashes go. */
static char *normalise(const char *path) {
    g_auto(GStrv) segments = g_strsplit(path, "/", -1);
    g_autoptr(GPtrArray) out = g_ptr_array_new();
    bool ends_open = false;
    for (char **s = segments; *s != NULL; s++) {
        ends_open = **s == '\0' || strcmp(*s, ".") == 0 || strcmp(*s, "..") == 0;
        if (strcmp(*s, "..") == 0 && out->len > 0)
            g_ptr_array_remove_index(out, out->len - 1);
        else if (!ends_open)
            g_ptr_array_add(out, *s);
    }
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < out->len; i++)
        g_string_append_printf(text, "/%s", (char *)out->pdata[i]);
    if (out->len == 0 || ends_open)
        g_string_append_c(text, '/');
    return g_string_free(text, FALSE);
}

static void parse_target(struct parsed *p, const char *line, bool is_normal) {
    const char *start = strchr(line, ' ') + 1;
    const char *end = g_strrstr(line, " HTTP/1.1");
    p->method = keep(p, g_strndup(line, (gsize)(start - 1 - line)));
    g_autofree char *target = g_strndup(start, (gsize)(end - start));
    char *query = strchr(target, '?');
    if (query != NULL)
        *query++ = '\0';
    p->path = keep(p, is_normal ? normalise(target) : g_strdup(target));
    g_auto(GStrv) parameters = g_strsplit(query != NULL ? query : "", "&", -1);
    for (char **q = parameters; *q != NULL; q++) {
        g_auto(GStrv) halves = g_strsplit(*q, "=", 2);
        char *name = g_uri_unescape_string(halves[0], NULL);
        char *value = g_uri_unescape_string(halves[1] != NULL ? halves[1] : "", NULL);
        add_pair(p, p->query, name, value);
    }
}

static void parse(struct parsed *p, const char *text, bool is_normal) {
    p->strings = g_ptr_array_new_with_free_func(g_free);
    p->query = g_array_new(FALSE, FALSE, sizeof(struct dm_sigv4_pair));
    p->headers = g_array_new(FALSE, FALSE, sizeof(struct dm_sigv4_pair));
    const char *empty = strstr(text, "\n\n");
    p->body = keep(p, g_strdup(empty != NULL ? empty + 2 : ""));
    g_autofree char *head = empty != NULL ? g_strndup(text, (gsize)(empty - text)) : g_strdup(text);
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);
    parse_target(p, lines[0], is_normal);
    for (char **line = lines + 1; *line != NULL && **line != '\0'; line++) {
        if (g_ascii_isspace(**line)) { // goes on
            struct dm_sigv4_pair *last =
                &g_array_index(p->headers, struct dm_sigv4_pair, p->headers->len - 1);
            last->value = keep(p, g_strconcat(last->value, "\n", *line, NULL));
            continue;
        }
        g_auto(GStrv) halves = g_strsplit(*line, ":", 2);
        add_pair(p, p->headers, g_strdup(halves[0]), g_strdup(halves[1]));
    }
}

static void parsed_clear(struct parsed *p) {
    g_array_unref(p->query);
    g_array_unref(p->headers);
    g_ptr_array_unref(p->strings);
}

static struct dm_sigv4_request request_of(const struct parsed *p, const char *sum) {
    return (struct dm_sigv4_request){
        .method = p->method,
        .path = p->path,
        .query = (const struct dm_sigv4_pair *)(const void *)p->query->data,
        .query_count = p->query->len,
        .headers = (const struct dm_sigv4_pair *)(const void *)p->headers->data,
        .header_count = p->headers->len,
        .payload_sha256 = sum,
    };
}

static void check_vector(GKeyFile *vectors, const char *name) {
    g_test_message("%s", name);
    g_autofree char *text = g_key_file_get_string(vectors, name, "request", NULL);
    g_autofree char *canonical = g_key_file_get_string(vectors, name, "canonical", NULL);
    g_autofree char *signature = g_key_file_get_string(vectors, name, "signature", NULL);
    g_autofree char *token = g_key_file_get_string(vectors, name, "token", NULL);
    struct parsed p;
    parse(&p, text, g_key_file_get_boolean(vectors, name, "normalize", NULL));
    char sum[DM_SHA256_HEX_BYTES];
    dm_sha256_hex(p.body, strlen(p.body), sum);
    add_pair(&p, p.headers, g_strdup("X-Amz-Date"), g_strdup(DATE_OF_VECTORS));
    if (g_key_file_get_boolean(vectors, name, "sign_body", NULL))
        add_pair(&p, p.headers, g_strdup("x-amz-content-sha256"), g_strdup(sum));
    if (token != NULL && g_key_file_get_boolean(vectors, name, "signed", NULL))
        add_pair(&p, p.headers, g_strdup("X-Amz-Security-Token"), g_strdup(token));

    struct dm_sigv4_request request = request_of(&p, sum);
    g_autofree char *got = dm_sigv4_canonical_request(&request);
    g_assert_cmpstr(got, ==, canonical);
    static const struct dm_sigv4_signer signer = {"AKIDEXAMPLE", SECRET_OF_VECTORS, "us-east-1",
                                                  "service"};
    g_autofree char *value = dm_sigv4_authorize(&request, &signer, DATE_OF_VECTORS);
    g_assert_cmpstr(strstr(value, "Signature=") + strlen("Signature="), ==, signature);
    parsed_clear(&p);
}

static void test_vectors(void) {
    g_autoptr(GKeyFile) vectors = g_key_file_new();
    g_assert_true(g_key_file_load_from_file(vectors, VECTORS, G_KEY_FILE_NONE, NULL));
    gsize count;
    g_auto(GStrv) names = g_key_file_get_groups(vectors, &count);
    g_assert_cmpuint(count, ==, 38);
    for (char **name = names; *name != NULL; name++)
        check_vector(vectors, *name);
}

/** The examples of sig-v4-header-based-auth in the manual of S3. */
static void test_manual(void) {
    static const struct dm_sigv4_signer signer = {
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3"};
    static const char host[] = "examplebucket.s3.amazonaws.com";
    static const char date[] = "20130524T000000Z";
    char put_sum[DM_SHA256_HEX_BYTES];
    dm_sha256_hex("Welcome to Amazon S3.", strlen("Welcome to Amazon S3."), put_sum);
    const struct dm_sigv4_pair get[] = {{"Host", host},
                                        {"Range", "bytes=0-9"},
                                        {"x-amz-content-sha256", DM_SHA256_EMPTY},
                                        {"x-amz-date", date}};
    const struct dm_sigv4_pair put[] = {{"Host", host},
                                        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                        {"x-amz-content-sha256", put_sum},
                                        {"x-amz-date", date}};
    const struct dm_sigv4_pair bare[] = {
        {"Host", host}, {"x-amz-content-sha256", DM_SHA256_EMPTY}, {"x-amz-date", date}};
    const struct dm_sigv4_pair lifecycle[] = {{"lifecycle", ""}};
    const struct dm_sigv4_pair list[] = {{"prefix", "J"}, {"max-keys", "2"}};
    const struct {
        struct dm_sigv4_request request;
        const char *signature;
    } cases[] = {
        {{"GET", "/test.txt", NULL, 0, get, G_N_ELEMENTS(get), DM_SHA256_EMPTY},
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {{"PUT", "/test$file.text", NULL, 0, put, G_N_ELEMENTS(put), put_sum},
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {{"GET", "/", lifecycle, 1, bare, G_N_ELEMENTS(bare), DM_SHA256_EMPTY},
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {{"GET", "/", list, 2, bare, G_N_ELEMENTS(bare), DM_SHA256_EMPTY},
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *value = dm_sigv4_authorize(&cases[i].request, &signer, date);
        g_assert_cmpstr(strstr(value, "Signature=") + strlen("Signature="), ==, cases[i].signature);
    }
}

static void test_encoding(void) {
    static const struct {
        const char *plain, *path;
    } cases[] = {
        {"/a b", "/a%20b"},
        {"/日本é", "/%E6%97%A5%E6%9C%AC%C3%A9"},
        {"/e\xcc\x81", "/e%CC%81"},
        {"/+~*'()!", "/%2B~%2A%27%28%29%21"},
        {"/a//b", "/a//b"},
        {"/#?=&", "/%23%3F%3D%26"},
        {"/%41", "/%2541"},
        {"/./../x", "/./../x"},
        {"/@:$,;[]", "/%40%3A%24%2C%3B%5B%5D"},
        {"/\t\xff", "/%09%FF"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = dm_sigv4_encode_path(cases[i].plain);
        g_assert_cmpstr(path, ==, cases[i].path);
    }
    const struct dm_sigv4_pair query[] = {
        {"uploads", ""}, {"prefix", "a/b c"}, {"a", "2"}, {"a", "1"}};
    g_autofree char *text = dm_sigv4_encode_query(query, G_N_ELEMENTS(query));
    g_assert_cmpstr(text, ==, "a=1&a=2&prefix=a%2Fb%20c&uploads=");
}

static void test_date(void) {
    char date[DM_SIGV4_DATE_BYTES];
    dm_sigv4_date(INT64_C(1369353600) * G_USEC_PER_SEC, date);
    g_assert_cmpstr(date, ==, "20130524T000000Z");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sigv4/vectors", test_vectors);
    g_test_add_func("/sigv4/manual", test_manual);
    g_test_add_func("/sigv4/encoding", test_encoding);
    g_test_add_func("/sigv4/date", test_date);
    return g_test_run();
}
