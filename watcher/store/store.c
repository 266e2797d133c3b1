// SPDX-License-Identifier: MIT
//
// The functions of store.h as requests to whatever is behind them.
#include "watcher/store/store.h"

#include "watcher/store/store_backend.h"

static void start(struct dm_store *store, const struct dm_store_request *request,
                  dm_store_done_fn done, void *user) {
    store->backend->start(store, request, done, user);
}

void dm_store_put(struct dm_store *store, const char *key, const struct dm_store_body *body,
                  const struct dm_store_attributes *attributes, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {
        .verb = DM_STORE_PUT, .key = key, .body = *body, .attributes = *attributes};
    start(store, &request, done, user);
}

void dm_store_get(struct dm_store *store, const char *key,
                  const struct dm_store_get_options *options, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {
        .verb = DM_STORE_GET, .key = key, .get = *options, .if_match = options->if_match};
    start(store, &request, done, user);
}

void dm_store_head(struct dm_store *store, const char *key, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_HEAD, .key = key};
    start(store, &request, done, user);
}

void dm_store_list(struct dm_store *store, const char *prefix, const char *from, int max,
                   dm_store_done_fn done, void *user) {
    g_assert(max >= 1 && max <= DM_STORE_MAX_LIST);
    struct dm_store_request request = {
        .verb = DM_STORE_LIST, .key = prefix, .from = from, .max = max};
    start(store, &request, done, user);
}

void dm_store_list_after(struct dm_store *store, const char *prefix, const char *after, int max,
                         dm_store_done_fn done, void *user) {
    g_assert(max >= 1 && max <= DM_STORE_MAX_LIST);
    struct dm_store_request request = {
        .verb = DM_STORE_LIST, .key = prefix, .after = after, .max = max};
    start(store, &request, done, user);
}

void dm_store_remove(struct dm_store *store, const char *key, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_REMOVE, .key = key};
    start(store, &request, done, user);
}

void dm_store_copy(struct dm_store *store, const char *from_key, const char *if_match,
                   const char *to_key, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {
        .verb = DM_STORE_COPY, .key = to_key, .from_key = from_key, .if_match = if_match};
    start(store, &request, done, user);
}

void dm_store_probe(struct dm_store *store, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_PROBE, .key = ""};
    start(store, &request, done, user);
}

void dm_store_create_upload(struct dm_store *store, const char *key,
                            const struct dm_store_attributes *attributes, dm_store_done_fn done,
                            void *user) {
    struct dm_store_request request = {
        .verb = DM_STORE_CREATE, .key = key, .attributes = *attributes};
    start(store, &request, done, user);
}

// NOLINTNEXTLINE(readability-function-size): seven things are what it takes
void dm_store_put_part(struct dm_store *store, const char *key, const char *upload_id, int number,
                       const struct dm_store_body *body, dm_store_done_fn done, void *user) {
    g_assert(number >= 1 && number <= DM_STORE_MAX_PARTS);
    struct dm_store_request request = {
        .verb = DM_STORE_PART, .key = key, .upload_id = upload_id, .number = number, .body = *body};
    start(store, &request, done, user);
}

void dm_store_list_parts(struct dm_store *store, const char *key, const char *upload_id,
                         const char *from, dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_PARTS,
                                       .key = key,
                                       .upload_id = upload_id,
                                       .from = from,
                                       .max = DM_STORE_MAX_LIST};
    start(store, &request, done, user);
}

// NOLINTNEXTLINE(readability-function-size): seven things are what it takes
void dm_store_complete_upload(struct dm_store *store, const char *key, const char *upload_id,
                              const struct dm_store_part *parts, size_t count,
                              dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_COMPLETE,
                                       .key = key,
                                       .upload_id = upload_id,
                                       .parts = parts,
                                       .part_count = count};
    start(store, &request, done, user);
}

void dm_store_abort_upload(struct dm_store *store, const char *key, const char *upload_id,
                           dm_store_done_fn done, void *user) {
    struct dm_store_request request = {.verb = DM_STORE_ABORT, .key = key, .upload_id = upload_id};
    start(store, &request, done, user);
}

void dm_store_list_uploads(struct dm_store *store, const char *prefix, const char *from,
                           dm_store_done_fn done, void *user) {
    struct dm_store_request request = {
        .verb = DM_STORE_UPLOADS, .key = prefix, .from = from, .max = DM_STORE_MAX_LIST};
    start(store, &request, done, user);
}

size_t dm_store_turn(struct dm_store *store, int max_wait_ms) {
    return store->backend->turn(store, max_wait_ms);
}

void dm_store_wake(struct dm_store *store) {
    store->backend->wake(store);
}

size_t dm_store_load(const struct dm_store *store) {
    return store->load;
}

void dm_store_cancel_all(struct dm_store *store) {
    store->backend->cancel_all(store);
    g_assert(store->load == 0);
}

void dm_store_status(const struct dm_store *store, struct dm_store_status *ret) {
    *ret = (struct dm_store_status){.credentials_source = ""};
    store->backend->status(store, ret);
}

unsigned dm_store_connections(const struct dm_store *store) {
    return store->connections;
}

const char *dm_store_name(const struct dm_store *store) {
    return store->name;
}

void dm_store_free(struct dm_store *store) {
    if (store == NULL)
        return;
    dm_store_cancel_all(store);
    store->backend->free(store);
}
