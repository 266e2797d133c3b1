// SPDX-License-Identifier: MIT
//
// AWS Signature Version 4 in the dialect of S3: the path is encoded once and never normalised. The
// encoded path and query are those to be sent, byte for byte. Pure: whoever signs says the time.
// Definition: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
#ifndef DM_WATCHER_STORE_SIGV4_H
#define DM_WATCHER_STORE_SIGV4_H

#include <stddef.h>
#include <stdint.h>

#define DM_SIGV4_DATE_BYTES 17 // "20130524T000000Z" with its NUL

/** A parameter of a query, or a header; not encoded. A value may be "", not NULL. */
struct dm_sigv4_pair {
    const char *name, *value;
};

/** What is signed. All headers given are, and host must be among them. */
struct dm_sigv4_request {
    const char *method;
    // Begins with '/'; not encoded.
    const char *path;
    const struct dm_sigv4_pair *query;
    size_t query_count;
    const struct dm_sigv4_pair *headers;
    size_t header_count;
    // Hexadecimal, of the body.
    const char *payload_sha256;
};

/** Who signs. */
struct dm_sigv4_signer {
    const char *access_key_id, *secret_access_key;
    // "us-east-1"; "s3".
    const char *region, *service;
};

/** Encode each byte of @path but letters, digits, "-._~/"; (transfer full). */
char *dm_sigv4_encode_path(const char *path);

/** The query encoded and sorted, each parameter with its '='; (transfer full). */
char *dm_sigv4_encode_query(const struct dm_sigv4_pair *query, size_t count);

/** Spell @time_utc_us as x-amz-date has it. */
void dm_sigv4_date(int64_t time_utc_us, char ret[DM_SIGV4_DATE_BYTES]);

/** The canonical form of @request; (transfer full). For tests; dm_sigv4_authorize() calls it. */
char *dm_sigv4_canonical_request(const struct dm_sigv4_request *request);

/** The value of the header Authorization for @request, whose x-amz-date is @date; (transfer full).
 */
char *dm_sigv4_authorize(const struct dm_sigv4_request *request,
                         const struct dm_sigv4_signer *signer, const char *date);

#endif
