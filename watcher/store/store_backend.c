// SPDX-License-Identifier: MIT
#include "watcher/store/store_backend.h"

static void own_texts(struct dm_store_request *r) {
    r->key = g_strdup(r->key);
    r->upload_id = g_strdup(r->upload_id);
    r->from = g_strdup(r->from);
    r->after = g_strdup(r->after);
    r->from_key = g_strdup(r->from_key);
    r->if_match = g_strdup(r->if_match);
    r->get.if_match = r->if_match;
    struct dm_store_attributes *a = &r->attributes;
    a->content_type = g_strdup(a->content_type);
    a->cache_control = g_strdup(a->cache_control);
    a->content_disposition = g_strdup(a->content_disposition);
    a->content_encoding = g_strdup(a->content_encoding);
    a->acl = g_strdup(a->acl);
    a->storage_class = g_strdup(a->storage_class);
    a->sse = g_strdup(a->sse);
    a->sse_kms_key_id = g_strdup(a->sse_kms_key_id);
    a->tags = g_strdup(a->tags);
    a->sha256 = g_strdup(a->sha256);
}

struct dm_store_request *dm_store_request_copy(const struct dm_store_request *request) {
    struct dm_store_request *copy = g_memdup2(request, sizeof(*request));
    own_texts(copy);
    struct dm_store_part *parts = g_new0(struct dm_store_part, request->part_count + 1);
    for (size_t i = 0; i < request->part_count; i++) {
        parts[i] = request->parts[i];
        parts[i].etag = g_strdup(request->parts[i].etag);
    }
    copy->parts = parts;
    return copy;
}

static void free_text(const char *text) {
    g_free((char *)text);
}

void dm_store_request_free(struct dm_store_request *request) {
    if (request == NULL)
        return;
    for (size_t i = 0; i < request->part_count; i++)
        g_free(request->parts[i].etag);
    g_free((struct dm_store_part *)request->parts);
    const struct dm_store_attributes *a = &request->attributes;
    const char *const texts[] = {
        request->key,        request->upload_id,
        request->from,       request->from_key,
        request->if_match,   a->content_type,
        a->cache_control,    a->content_disposition,
        a->content_encoding, a->acl,
        a->storage_class,    a->sse,
        a->sse_kms_key_id,   a->tags,
        a->sha256,           request->after,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        free_text(texts[i]);
    g_free(request);
}
