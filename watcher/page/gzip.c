// SPDX-License-Identifier: MIT
#include "watcher/page/gzip.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define WINDOW_BITS (15 + 16) // the largest window, with gzip's header

bool dm_gzip_is_accepted(const char *accept_encoding) {
    return accept_encoding != NULL && strstr(accept_encoding, "gzip") != NULL &&
           strstr(accept_encoding, "gzip;q=0") == NULL;
}

GBytes *dm_gzip(GBytes *plain, int level) {
    size_t size;
    const void *data = g_bytes_get_data(plain, &size);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size};
    if (deflateInit2(&stream, level, Z_DEFLATED, WINDOW_BITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        return NULL;
    }
    uLong bound = deflateBound(&stream, (uLong)size);
    g_autofree Bytef *out = g_malloc(bound);
    stream.next_out = out;
    stream.avail_out = (uInt)bound;
    bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t length = stream.total_out;
    deflateEnd(&stream);
    return is_whole ? g_bytes_new_take(g_steal_pointer(&out), length) : NULL;
}
