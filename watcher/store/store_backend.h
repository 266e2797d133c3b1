// SPDX-License-Identifier: MIT
//
// What is behind store.h: a request as one record, and the five functions that a store is. Included
// by stores and by the fakes of tests only. A store's own struct begins with struct dm_store.
#ifndef DM_WATCHER_STORE_STORE_BACKEND_H
#define DM_WATCHER_STORE_STORE_BACKEND_H

#include "watcher/store/store_records.h"

#include <stddef.h>

struct dm_store;

/** An operation. Members that its verb does not name are 0. */
struct dm_store_request {
    enum dm_store_verb verb;
    // Of LIST and UPLOADS: the prefix; of PROBE: "".
    const char *key;
    struct dm_store_body body;
    struct dm_store_attributes attributes;
    struct dm_store_get_options get;
    // PART, PARTS, COMPLETE, ABORT; PART.
    const char *upload_id;
    int number;
    // COMPLETE.
    const struct dm_store_part *parts;
    size_t part_count;
    // LIST, PARTS, UPLOADS: nullable.
    const char *from;
    // LIST: nullable; not with `from`.
    const char *after;
    int max;
    // COPY; if_match nullable.
    const char *from_key, *if_match;
};

struct dm_store_backend {
    /** Start @request, which is borrowed for the call, but what store.h says of its body and file.
     * Never calls @done itself. */
    void (*start)(struct dm_store *store, const struct dm_store_request *request,
                  dm_store_done_fn done, void *user);
    size_t (*turn)(struct dm_store *store, int max_wait_ms);
    void (*wake)(struct dm_store *store);
    void (*cancel_all)(struct dm_store *store);
    void (*status)(const struct dm_store *store, struct dm_store_status *ret);
    /** Free the store; nothing is in flight. */
    void (*free)(struct dm_store *store);
};

/** What each store begins with; set by its maker. */
struct dm_store {
    const struct dm_store_backend *backend;
    // Owned by the store.
    char *name;
    // The most operations at once.
    unsigned connections;
    // Started and not completed; kept by the store.
    size_t load;
};

/** A copy of @request that owns its texts and parts (its body and file are still borrowed);
 * (transfer full). */
struct dm_store_request *dm_store_request_copy(const struct dm_store_request *request);

/** Accepts NULL. */
void dm_store_request_free(struct dm_store_request *request);

#endif
