// SPDX-License-Identifier: MIT
//
// The last thumbnails, in memory: so many bytes of them, the longest unused go first. A result that
// was made again has another generation, and its old thumbnail goes when the new one comes. No
// bytes at all are kept as any: none can be made. Pure.
#ifndef DM_WATCHER_PAGE_THUMB_CACHE_H
#define DM_WATCHER_PAGE_THUMB_CACHE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_thumb_cache;

/** @most_bytes: of all together; what is larger alone is not kept. */
struct dm_thumb_cache *dm_thumb_cache_new(size_t most_bytes);

/** Accepts NULL. */
void dm_thumb_cache_free(struct dm_thumb_cache *cache);

/** What is kept of @row at @generation, (borrowed) until the next put; NULL: nothing. */
GBytes *dm_thumb_cache_get(struct dm_thumb_cache *cache, int64_t row, int64_t generation);

/** Keep @bytes. */
void dm_thumb_cache_put(struct dm_thumb_cache *cache, int64_t row, int64_t generation,
                        GBytes *bytes);

/** How many bytes and thumbnails are kept. */
size_t dm_thumb_cache_bytes(const struct dm_thumb_cache *cache);
unsigned dm_thumb_cache_count(const struct dm_thumb_cache *cache);

#endif
