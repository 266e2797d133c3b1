// SPDX-License-Identifier: MIT
//
// Buffers for bodies, used again as long as there is work: for the kernel to give a large one anew,
// page by page, takes a quarter of the time that its bytes take. When the store is idle it holds
// none.
#include "watcher/store/store_s3_private.h"

// Smaller ones malloc keeps.
#define LARGE_BYTES (128 * 1024)

struct dm_s3_buffer *dm_s3_buffer_take(struct dm_s3_store *s3, int64_t length) {
    for (guint i = 0; i < s3->buffers->len; i++) {
        const struct dm_s3_buffer *buffer = s3->buffers->pdata[i];
        if (buffer->capacity >= length && buffer->capacity / 2 <= length)
            return g_ptr_array_steal_index_fast(s3->buffers, i);
    }
    struct dm_s3_buffer *buffer = g_new(struct dm_s3_buffer, 1);
    *buffer = (struct dm_s3_buffer){length, g_malloc((gsize)length)};
    return buffer;
}

void dm_s3_buffer_give(struct dm_s3_store *s3, struct dm_s3_buffer *buffer) {
    if (buffer == NULL)
        return;
    if (buffer->capacity < LARGE_BYTES || s3->buffers->len >= s3->store.connections)
        dm_s3_buffer_free(buffer);
    else
        g_ptr_array_add(s3->buffers, buffer);
}

void dm_s3_buffer_free(struct dm_s3_buffer *buffer) {
    g_free(buffer->bytes);
    g_free(buffer);
}
