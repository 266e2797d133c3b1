// SPDX-License-Identifier: MIT
//
// A store: somewhere that keeps objects (bytes and a few words about them) under keys (bytes). One
// bucket of S3 (store_s3), a directory (store_dir: the mirror where there is no network, and the
// store of tests, with faults to order), or whatever a test puts behind store_backend.h.
//
// An operation is started and comes back: its completion is called once, in a later
// dm_store_turn(), never from within the call that started it; it may start others. The store tries
// each operation once: it follows a redirect and corrects its clock, its region and its credentials
// for whatever is started next, but patience is its user's. What came of it is a class, which says
// what to do, as columns:
//
//   class        what happened                              again?                     circuit counts
//   -----------  -----------------------------------------  -------------------------  --------------
//   OK           it is done                                 -                          success
//   TRANSPORT    the connection failed; outcome unknown     after a while              failure
//   THROTTLE     slower, please (503, 429)                  after a while, with fewer  -
//   SERVER       the other side is in trouble (5xx)         after a while              failure
//   DATA         other bytes arrived than were sent         read again, 3 times        -
//   CLOCK        clocks differ; the offset is known now     at once                    -
//   CREDENTIALS  expired or not to be had; fetched anew     when they are there        -
//   MULTIPART    no such upload, or a part is wrong         look (head), start anew    -
//   PRECONDITION the object is another one than was meant   look (head)                -
//   MISSING      no such key                                no                         success
//   SOURCE       our own file: gone, shorter, unreadable    see errnum                 -
//   OBJECT       this object is refused, whoever sends it   park it, with the reason   success
//   ENDPOINT     nothing will work: bucket, secret, TLS     park all, probe            -
//   CANCELLED    we stopped                                 -                          -
//
// Inside:
//
//   store          the functions below, for any store; store_backend: what is behind them;
//                  store_records: what goes in and what comes out
//   store_counts   requests by method and code, for the metrics
//   outcome        a result, while it is made
//   store_dir      a directory: store_dir_objects, store_dir_list, store_dir_uploads;
//                  dir_names: keys as paths
//   store_s3       a bucket: store_s3_request, store_s3_buffers, store_s3_sink, store_s3_answer;
//                  store_s3_http: for credentials
//   s3_place       where it is; s3_reply, s3_xml: what it answers; s3_errors: what that means
//   sigv4, sha256  signatures
//   store_open     the store that is configured, out of the module that holds them
//   transfer       a thread for a store, for who cannot wait; pace: how many at once (pure)
//   retry          what to do about an attempt that has ended (pure)
//   credentials    who we are: credentials_places, in their order; credentials_services: those that
//                  are asked; credentials_set, profile, json_fields: what they read
//
// Threads: a store belongs to one thread, which calls everything but dm_store_wake(). Only
// dm_store_turn() and dm_store_free() wait, and only the first for the network.
#ifndef DM_WATCHER_STORE_STORE_H
#define DM_WATCHER_STORE_STORE_H

#include "watcher/store/store_records.h"

#include <stddef.h>

struct dm_store;

/**
 * Put an object; whole or not at all. Overwrites.
 *
 * The result has etag and sha256.
 * Classes: all but MULTIPART and MISSING; PRECONDITION where two write at once.
 */
void dm_store_put(struct dm_store *store, const char *key, const struct dm_store_body *body,
                  const struct dm_store_attributes *attributes, dm_store_done_fn done, void *user);

/**
 * Get an object. What was written when it fails is garbage; its user's to remove.
 *
 * The result has etag, sha256 (of what was written), claimed_sha256, size, mtime_ns, time_utc_us; a
 * body that is shorter than promised is TRANSPORT.
 * Classes: all but MULTIPART; SOURCE: the file could not be written.
 */
void dm_store_get(struct dm_store *store, const char *key,
                  const struct dm_store_get_options *options, dm_store_done_fn done, void *user);

/** Ask about an object: etag, size, sha256, mtime_ns, time_utc_us, content_type.
 * Classes: all but DATA, MULTIPART, SOURCE. */
void dm_store_head(struct dm_store *store, const char *key, dm_store_done_fn done, void *user);

/**
 * List a page of the keys that begin with @prefix ("": all), in the order of their bytes.
 *
 * @from  (nullable) `next` of the page before.
 * @max   entries, 1 to DM_STORE_MAX_LIST.
 * Classes: all but DATA, MULTIPART, SOURCE. An answer that makes no sense is SERVER.
 */
void dm_store_list(struct dm_store *store, const char *prefix, const char *from, int max,
                   dm_store_done_fn done, void *user);

/** List the first page of those among them that come behind @after, in the same order. */
void dm_store_list_after(struct dm_store *store, const char *prefix, const char *after, int max,
                         dm_store_done_fn done, void *user);

/** Remove an object; one that is not there is OK. Classes: all but DATA, MULTIPART, SOURCE. */
void dm_store_remove(struct dm_store *store, const char *key, dm_store_done_fn done, void *user);

/** Copy an object within the store, with all that is said about it, if it is still the one with
 * @if_match (nullable; there are servers that do not care). The result has the copy's etag. At most
 * 5 GiB. Classes: as dm_store_get(). */
void dm_store_copy(struct dm_store *store, const char *from_key, const char *if_match,
                   const char *to_key, dm_store_done_fn done, void *user);

/** Ask whether the store would work at all: is the bucket there, are we somebody to it. OK, or why
 * not, as a sentence that says what to change. */
void dm_store_probe(struct dm_store *store, dm_store_done_fn done, void *user);

// ---- an object in parts, each of 5 MiB or more but the last ------------------------------------

/** Begin an upload: the result has upload_id. Nothing is seen under @key until it is completed.
 * Classes: as dm_store_put(), without SOURCE and DATA. An unknown outcome may leave an upload that
 * only dm_store_list_uploads() finds. */
void dm_store_create_upload(struct dm_store *store, const char *key,
                            const struct dm_store_attributes *attributes, dm_store_done_fn done,
                            void *user);

/** Put part @number; puts over what was there. The result has etag and sha256.
 * Classes: as dm_store_put(), and MULTIPART: no such upload (any more). */
void dm_store_put_part(struct dm_store *store, const char *key, const char *upload_id, int number,
                       const struct dm_store_body *body, dm_store_done_fn done, void *user);

/** List a page of the parts that the store has, by number. Classes: as dm_store_list(), and
 * MULTIPART: no such upload. */
void dm_store_list_parts(struct dm_store *store, const char *key, const char *upload_id,
                         const char *from, dm_store_done_fn done, void *user);

/**
 * Make the object out of @parts, in the order of their numbers (borrowed for the call).
 *
 * The result has etag (may be ""). After is_unknown, and after MULTIPART: it may be there, ask with
 * dm_store_head().
 */
void dm_store_complete_upload(struct dm_store *store, const char *key, const char *upload_id,
                              const struct dm_store_part *parts, size_t count,
                              dm_store_done_fn done, void *user);

/** Forget an upload and its parts; one that is not there is OK. */
void dm_store_abort_upload(struct dm_store *store, const char *key, const char *upload_id,
                           dm_store_done_fn done, void *user);

/** List a page of the uploads that are begun and not completed, as dm_store_list(). */
void dm_store_list_uploads(struct dm_store *store, const char *prefix, const char *from,
                           dm_store_done_fn done, void *user);

// ---- running it --------------------------------------------------------------------------------

/** Do what is due, wait for the network at most @max_wait_ms (0: not at all), and call the
 * completions. Ends early when one was called, or by dm_store_wake(). Returns how many were
 * called. */
size_t dm_store_turn(struct dm_store *store, int max_wait_ms);

/** End the wait of dm_store_turn(), or make the next one not wait. Any thread, any time before
 * dm_store_free(). */
void dm_store_wake(struct dm_store *store);

/** How many operations are started and not yet completed. */
size_t dm_store_load(const struct dm_store *store);

/** Complete all operations as CANCELLED, at once; what their completions start, too. */
void dm_store_cancel_all(struct dm_store *store);

void dm_store_status(const struct dm_store *store, struct dm_store_status *ret);

/** The most operations that it carries out at once; more of them wait. */
unsigned dm_store_connections(const struct dm_store *store);

/** What it is, for messages: "bucket 'x' at https://..."; no secret. Owned by the store. */
const char *dm_store_name(const struct dm_store *store);

/** dm_store_cancel_all() first. Accepts NULL. */
void dm_store_free(struct dm_store *store);

#endif
