// SPDX-License-Identifier: MIT
//
// What goes into a store and what comes out of it. What the classes mean for its user: store.h.
#ifndef DM_WATCHER_STORE_STORE_RECORDS_H
#define DM_WATCHER_STORE_STORE_RECORDS_H

#include "watcher/store/store_counts.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DM_STORE_MAX_KEY 1024    // bytes, of S3
#define DM_STORE_MAX_PARTS 10000 // of an upload, counted from 1
#define DM_STORE_MAX_LIST 1000   // entries of a page

enum dm_store_class {
    DM_STORE_OK,
    DM_STORE_TRANSPORT,
    DM_STORE_THROTTLE,
    DM_STORE_SERVER,
    DM_STORE_DATA,
    DM_STORE_CLOCK,
    DM_STORE_CREDENTIALS,
    DM_STORE_MULTIPART,
    DM_STORE_PRECONDITION,
    DM_STORE_MISSING,
    DM_STORE_SOURCE,
    DM_STORE_OBJECT,
    DM_STORE_ENDPOINT,
    DM_STORE_CANCELLED,
    DM_STORE_CLASS_COUNT,
};

/** The word for a class, as in "throttle". Pure. */
const char *dm_store_class_name(enum dm_store_class class);

/** An object, or an upload that nobody has completed, in a listing. */
struct dm_store_entry {
    char *key;
    // "" for an upload.
    char *etag;
    // NULL for an object.
    char *upload_id;
    // Bytes; 0 for an upload.
    int64_t size;
    // Last modified, or begun; 0: not said.
    int64_t time_utc_us;
};

/** A part of an upload that the store has. */
struct dm_store_part {
    int number;
    int64_t size;
    char *etag;
};

/** What came of an operation. Valid during the completion only: copy what is to stay. */
struct dm_store_result {
    enum dm_store_class class;
    // The request may have been carried out although it failed: look before it is believed.
    bool is_unknown;
    // A sentence without newline or secret; "" if OK.
    const char *reason;
    // What the other side called it, as in "NoSuchBucket"; "" if it said nothing.
    const char *code;
    // 0: none was received.
    int http_status;
    // SOURCE: why; else 0.
    int errnum;
    // How long the other side wants to be left alone; 0: not said.
    int64_t retry_after_us;

    // PUT, GET, HEAD, PART, COMPLETE, COPY: as the store spells it, without quotes; may be "".
    const char *etag;
    // PUT, PART, GET: hexadecimal, of the bytes that went over the wire; HEAD: what PUT was told;
    // "" if unknown.
    const char *sha256;
    // GET: what PUT was told of the whole object; "" if unknown.
    const char *claimed_sha256;
    // GET, HEAD: of the whole object, even if a range was asked for. -1: unknown.
    int64_t size;
    // HEAD, GET: what PUT was told as mtime_ns, else 0; and when the store says it was written.
    int64_t mtime_ns, time_utc_us;
    // HEAD, GET: "" if unknown.
    const char *content_type;
    // CREATE.
    const char *upload_id;
    // GET into memory; a NUL follows.
    const void *bytes;
    size_t length;
    // LIST, UPLOADS: of struct dm_store_entry; PARTS: of struct dm_store_part; else NULL.
    const GPtrArray *entries;
    // LIST, UPLOADS, PARTS: where the next page starts; NULL: this was the last one.
    const char *next;
};

typedef void (*dm_store_done_fn)(const struct dm_store_result *result, void *user);

enum dm_store_verb {
    DM_STORE_PUT,
    DM_STORE_GET,
    DM_STORE_HEAD,
    DM_STORE_LIST,
    DM_STORE_REMOVE,
    DM_STORE_COPY,
    DM_STORE_PROBE,
    DM_STORE_CREATE,
    DM_STORE_PART,
    DM_STORE_PARTS,
    DM_STORE_COMPLETE,
    DM_STORE_ABORT,
    DM_STORE_UPLOADS,
    DM_STORE_VERB_COUNT,
};

/** The word for a verb, as in "put". Pure. */
const char *dm_store_verb_name(enum dm_store_verb verb);

/** Its method of HTTP, as in "PUT". Pure. */
const char *dm_store_verb_method(enum dm_store_verb verb);

/** Frees a struct dm_store_entry, a struct dm_store_part: for arrays of them. */
void dm_store_entry_free(void *entry);
void dm_store_part_free(void *part);

/** Where bytes come from: @bytes, or, if that is NULL, @length bytes of the file @fd at @offset.
 * Both are borrowed until completion; each byte is read once, into memory, before anything is sent
 * (a part is therefore the largest thing to put at once). */
struct dm_store_body {
    const void *bytes;
    int fd;
    int64_t offset, length;
};

/** What is said about an object; every string is nullable: not said. Borrowed for the call. */
struct dm_store_attributes {
    const char *content_type, *cache_control, *content_disposition, *content_encoding;
    // "private", "bucket-owner-full-control", ...; "STANDARD_IA", ...
    const char *acl, *storage_class;
    // "AES256" or "aws:kms", and the key for the latter.
    const char *sse, *sse_kms_key_id;
    // As in a query: "a=1&b=2", encoded.
    const char *tags;
    // Kept as x-amz-meta-mtime in the way of rclone; 0: not said.
    int64_t mtime_ns;
    // Hexadecimal, of the whole object; kept as x-amz-meta-sha256. PUT of an object knows it by
    // itself; the parts of an upload do not.
    const char *sha256;
};

/** Which bytes to get, and where to put them. */
struct dm_store_get_options {
    // (nullable) only if the object still is that one; else PRECONDITION.
    const char *if_match;
    // The first byte, and how many; length -1: to the end.
    int64_t offset, length;
    // A file that they are written to, from its byte 0; borrowed until completion. -1: memory.
    int fd;
    // More than this is refused with OBJECT before it is written; 0: no limit to a file, 1 MiB to
    // memory.
    int64_t max_bytes;
};

/** What status shows. Counts are since the start. */
struct dm_store_status {
    // Attempts over the wire, and those that did not end in OK or MISSING.
    int64_t requests, failures;
    int64_t sent_bytes, received_bytes;
    // The same attempts, by method and code.
    struct dm_store_counts counts;
    // When the last one ended in OK or MISSING; 0: none has.
    int64_t success_utc_us;
    // Ours is behind by so much, as far as we were told; 0: not told.
    int64_t clock_offset_us;
    // When the credentials expire; 0: never, or there are none yet.
    int64_t credentials_expire_utc_us;
    // Where they come from, in words; a literal, "" for none.
    const char *credentials_source;
};

#endif
