// SPDX-License-Identifier: MIT
#include "watcher/store/sigv4.h"

#include "watcher/store/sha256.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void append_encoded(GString *out, const char *text, bool keep_slash) {
    static const char digits[] = "0123456789ABCDEF";
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (g_ascii_isalnum(*c) || strchr("-._~", *c) != NULL || (keep_slash && *c == '/')) {
            g_string_append_c(out, *c);
        } else {
            g_string_append_c(out, '%');
            g_string_append_c(out, digits[byte >> 4]);
            g_string_append_c(out, digits[byte & 15]);
        }
    }
}

char *dm_sigv4_encode_path(const char *path) {
    GString *out = g_string_sized_new(strlen(path) + 16);
    append_encoded(out, path, true);
    return g_string_free(out, FALSE);
}

/** By name; by value among equal names. Both are encoded. */
static int compare_parameters(const void *a, const void *b) {
    const struct dm_sigv4_pair *x = a;
    const struct dm_sigv4_pair *y = b;
    int by_name = strcmp(x->name, y->name);
    return by_name != 0 ? by_name : strcmp(x->value, y->value);
}

static char *encode(const char *text) {
    GString *out = g_string_new(NULL);
    append_encoded(out, text, false);
    return g_string_free(out, FALSE);
}

char *dm_sigv4_encode_query(const struct dm_sigv4_pair *query, size_t count) {
    // The pair owns its strings here, unlike its caller's.
    struct {
        char *name, *value;
    } *sorted = g_malloc0_n(count + 1, sizeof(*sorted));
    G_STATIC_ASSERT(sizeof(*sorted) == sizeof(struct dm_sigv4_pair));
    for (size_t i = 0; i < count; i++) {
        sorted[i].name = encode(query[i].name);
        sorted[i].value = encode(query[i].value);
    }
    qsort(sorted, count, sizeof(*sorted), compare_parameters);
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(out, "%s%s=%s", i > 0 ? "&" : "", sorted[i].name, sorted[i].value);
        g_free(sorted[i].name);
        g_free(sorted[i].value);
    }
    g_free(sorted);
    return g_string_free(out, FALSE);
}

void dm_sigv4_date(int64_t time_utc_us, char ret[DM_SIGV4_DATE_BYTES]) {
    time_t seconds = (time_t)(time_utc_us / G_USEC_PER_SEC);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(ret, DM_SIGV4_DATE_BYTES, "%Y%m%dT%H%M%SZ", &tm);
}

/** A header in its canonical form, and where it stood: equal names keep their order. */
struct header {
    char *name;
    const char *value;
    size_t at;
};

static int compare_headers(const void *a, const void *b) {
    const struct header *x = a;
    const struct header *y = b;
    int by_name = strcmp(x->name, y->name);
    return by_name != 0 ? by_name : (x->at > y->at) - (x->at < y->at);
}

/** Without blanks at the ends, and with one for each run of them. */
static void append_trimmed(GString *out, const char *value) {
    size_t start = out->len;
    for (const char *c = value; *c != '\0'; c++) {
        if (!g_ascii_isspace(*c))
            g_string_append_c(out, *c);
        else if (out->len > start && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    if (out->len > start && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
}

/** The lines "name:value" into @lines, the names with ';' into @names. */
static void canonical_headers(const struct dm_sigv4_request *request, GString *lines,
                              GString *names) {
    struct header *sorted = g_new0(struct header, request->header_count + 1);
    for (size_t i = 0; i < request->header_count; i++)
        sorted[i] = (struct header){g_ascii_strdown(request->headers[i].name, -1),
                                    request->headers[i].value, i};
    qsort(sorted, request->header_count, sizeof(*sorted), compare_headers);
    for (size_t i = 0; i < request->header_count; i++) {
        bool again = i > 0 && strcmp(sorted[i].name, sorted[i - 1].name) == 0;
        if (again) {
            lines->str[lines->len - 1] = ',';
        } else {
            g_string_append_printf(lines, "%s:", sorted[i].name);
            g_string_append_printf(names, "%s%s", i > 0 ? ";" : "", sorted[i].name);
        }
        append_trimmed(lines, sorted[i].value);
        g_string_append_c(lines, '\n');
    }
    for (size_t i = 0; i < request->header_count; i++)
        g_free(sorted[i].name);
    g_free(sorted);
}

static char *canonical_request(const struct dm_sigv4_request *request, GString *names) {
    g_autofree char *path = dm_sigv4_encode_path(request->path);
    g_autofree char *query = dm_sigv4_encode_query(request->query, request->query_count);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s\n%s\n%s\n", request->method, path, query);
    canonical_headers(request, out, names);
    g_string_append_printf(out, "\n%s\n%s", names->str, request->payload_sha256);
    return g_string_free(out, FALSE);
}

char *dm_sigv4_canonical_request(const struct dm_sigv4_request *request) {
    g_autoptr(GString) names = g_string_new(NULL);
    return canonical_request(request, names);
}

/** The signature of @text with the key of @day (8 bytes of the date). */
static void sign(const struct dm_sigv4_signer *signer, const char *day, const char *text,
                 char ret_hex[DM_SHA256_HEX_BYTES]) {
    g_autofree char *first = g_strconcat("AWS4", signer->secret_access_key, NULL);
    unsigned char key[DM_SHA256_BYTES];
    dm_hmac_sha256(first, strlen(first), day, key);
    dm_hmac_sha256(key, sizeof(key), signer->region, key);
    dm_hmac_sha256(key, sizeof(key), signer->service, key);
    dm_hmac_sha256(key, sizeof(key), "aws4_request", key);
    dm_hmac_sha256(key, sizeof(key), text, key);
    dm_hex(key, sizeof(key), ret_hex);
    dm_forget(first, strlen(first));
}

char *dm_sigv4_authorize(const struct dm_sigv4_request *request,
                         const struct dm_sigv4_signer *signer, const char *date) {
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *canonical = canonical_request(request, names);
    char sum[DM_SHA256_HEX_BYTES];
    dm_sha256_hex(canonical, strlen(canonical), sum);
    g_autofree char *day = g_strndup(date, 8);
    g_autofree char *scope =
        g_strdup_printf("%s/%s/%s/aws4_request", day, signer->region, signer->service);
    g_autofree char *text = g_strdup_printf("AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, sum);
    char signature[DM_SHA256_HEX_BYTES];
    sign(signer, day, text, signature);
    return g_strdup_printf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                           signer->access_key_id, scope, names->str, signature);
}
