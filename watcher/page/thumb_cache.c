// SPDX-License-Identifier: MIT
//
// See thumb_cache.h: a table by row, and a queue by use.
#include "watcher/page/thumb_cache.h"

enum { ENTRY_BYTES = 200 }; // of an entry, about, besides its bytes

struct entry {
    int64_t row, generation;
    GBytes *bytes;
    GList *place; // in `used`
};

struct dm_thumb_cache {
    size_t most_bytes, bytes;
    GHashTable *entries; // int64_t * in the entry -> struct entry
    GQueue used;         // of struct entry, the latest first
};

static size_t cost(const struct entry *entry) {
    return g_bytes_get_size(entry->bytes) + ENTRY_BYTES;
}

static void entry_free(void *data) {
    struct entry *entry = data;
    g_bytes_unref(entry->bytes);
    g_free(entry);
}

struct dm_thumb_cache *dm_thumb_cache_new(size_t most_bytes) {
    struct dm_thumb_cache *cache = g_new0(struct dm_thumb_cache, 1);
    cache->most_bytes = most_bytes;
    cache->entries = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, entry_free);
    g_queue_init(&cache->used);
    return cache;
}

void dm_thumb_cache_free(struct dm_thumb_cache *cache) {
    if (cache == NULL) {
        return;
    }
    g_queue_clear(&cache->used);
    g_hash_table_unref(cache->entries);
    g_free(cache);
}

static void drop(struct dm_thumb_cache *cache, struct entry *entry) {
    cache->bytes -= cost(entry);
    g_queue_delete_link(&cache->used, entry->place);
    g_hash_table_remove(cache->entries, &entry->row);
}

GBytes *dm_thumb_cache_get(struct dm_thumb_cache *cache, int64_t row, int64_t generation) {
    struct entry *entry = g_hash_table_lookup(cache->entries, &row);
    if (entry == NULL || entry->generation != generation) {
        return NULL;
    }
    g_queue_unlink(&cache->used, entry->place);
    g_queue_push_head_link(&cache->used, entry->place);
    return entry->bytes;
}

void dm_thumb_cache_put(struct dm_thumb_cache *cache, int64_t row, int64_t generation,
                        GBytes *bytes) {
    struct entry *old = g_hash_table_lookup(cache->entries, &row);
    if (old != NULL) {
        drop(cache, old);
    }
    struct entry *entry = g_new(struct entry, 1);
    *entry = (struct entry){.row = row, .generation = generation, .bytes = g_bytes_ref(bytes)};
    if (cost(entry) > cache->most_bytes) {
        entry_free(entry);
        return;
    }
    g_queue_push_head(&cache->used, entry);
    entry->place = cache->used.head;
    g_hash_table_insert(cache->entries, &entry->row, entry);
    cache->bytes += cost(entry);
    while (cache->bytes > cache->most_bytes) {
        drop(cache, cache->used.tail->data);
    }
}

size_t dm_thumb_cache_bytes(const struct dm_thumb_cache *cache) {
    return cache->bytes;
}

unsigned dm_thumb_cache_count(const struct dm_thumb_cache *cache) {
    return g_hash_table_size(cache->entries);
}
