// SPDX-License-Identifier: MIT
#include "tests/unit/watcher/support/store_answer.h"

#include <string.h>

static const char *own(struct answer *answer, const char *text) {
    g_ptr_array_add(answer->strings, g_strdup(text));
    return answer->strings->pdata[answer->strings->len - 1];
}

static void copy_entries(struct answer *answer, const GPtrArray *entries) {
    bool are_parts = answer->wants_parts;
    for (guint i = 0; i < entries->len; i++) {
        const struct dm_store_entry *entry = entries->pdata[i];
        const struct dm_store_part *part = entries->pdata[i];
        int64_t size = are_parts ? part->size : entry->size;
        g_array_append_val(answer->sizes, size);
        g_ptr_array_add(answer->etags, g_strdup(are_parts ? part->etag : entry->etag));
        if (are_parts)
            continue;
        g_ptr_array_add(answer->keys, g_strdup(entry->key));
        g_ptr_array_add(answer->ids, g_strdup(entry->upload_id));
    }
}

void answer_done(const struct dm_store_result *result, void *user) {
    struct answer *answer = user;
    g_assert_false(answer->is_there);
    answer->strings = g_ptr_array_new_with_free_func(g_free);
    answer->etags = g_ptr_array_new_with_free_func(g_free);
    answer->keys = g_ptr_array_new_with_free_func(g_free);
    answer->ids = g_ptr_array_new_with_free_func(g_free);
    answer->sizes = g_array_new(FALSE, FALSE, sizeof(int64_t));
    answer->result = *result;
    struct dm_store_result *r = &answer->result;
    r->reason = own(answer, result->reason);
    r->code = own(answer, result->code);
    r->etag = own(answer, result->etag);
    r->sha256 = own(answer, result->sha256);
    r->content_type = own(answer, result->content_type);
    r->upload_id = own(answer, result->upload_id);
    r->next = result->next != NULL ? own(answer, result->next) : NULL;
    if (result->bytes != NULL) {
        g_ptr_array_add(answer->strings, g_memdup2(result->bytes, result->length + 1));
        r->bytes = answer->strings->pdata[answer->strings->len - 1];
    }
    if (result->entries != NULL)
        copy_entries(answer, result->entries);
    answer->is_there = true;
}

void answer_clear(struct answer *answer) {
    g_clear_pointer(&answer->strings, g_ptr_array_unref);
    g_clear_pointer(&answer->keys, g_ptr_array_unref);
    g_clear_pointer(&answer->ids, g_ptr_array_unref);
    g_clear_pointer(&answer->etags, g_ptr_array_unref);
    g_clear_pointer(&answer->sizes, g_array_unref);
    answer->is_there = false;
}

void answer_wait(struct dm_store *store, struct answer *answer) {
    int64_t deadline_us = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    while (!answer->is_there) {
        dm_store_turn(store, 1000);
        g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);
    }
}

void answer_put(struct dm_store *store, const char *key, const void *bytes, size_t length,
                int64_t mtime_ns, struct answer *ret) {
    answer_clear(ret);
    struct dm_store_body body = {.bytes = bytes, .length = (int64_t)length};
    struct dm_store_attributes attributes = {.mtime_ns = mtime_ns, .content_type = "image/png"};
    dm_store_put(store, key, &body, &attributes, answer_done, ret);
    answer_wait(store, ret);
}

void answer_get(struct dm_store *store, const char *key, struct answer *ret) {
    answer_clear(ret);
    struct dm_store_get_options options = {.length = -1, .fd = -1};
    dm_store_get(store, key, &options, answer_done, ret);
    answer_wait(store, ret);
}

void answer_head(struct dm_store *store, const char *key, struct answer *ret) {
    answer_clear(ret);
    dm_store_head(store, key, answer_done, ret);
    answer_wait(store, ret);
}

void answer_remove(struct dm_store *store, const char *key, struct answer *ret) {
    answer_clear(ret);
    dm_store_remove(store, key, answer_done, ret);
    answer_wait(store, ret);
}

void answer_list(struct dm_store *store, const char *prefix, const char *from, int max,
                 struct answer *ret) {
    answer_clear(ret);
    dm_store_list(store, prefix, from, max, answer_done, ret);
    answer_wait(store, ret);
}
