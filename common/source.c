// SPDX-License-Identifier: MIT
//
// See source.h. Whoever hops from chunk to chunk gets small windows, whoever reads on large ones.
#include "common/source.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

#define HOP_BYTES 4096
#define WINDOW_BYTES 131072

struct dm_source dm_source_memory(const uint8_t *data, size_t size) {
    return (struct dm_source){.data = data, .size = size, .fd = -1};
}

struct dm_source dm_source_file(int fd, uint64_t size, uint64_t budget_bytes) {
    return (struct dm_source){.fd = fd, .size = size, .budget_bytes = budget_bytes};
}

void dm_source_clear(struct dm_source *source) {
    g_clear_pointer(&source->window, g_free);
    source->window_bytes = 0;
}

/** How much to read at @at: no more than the file has, and no less than is needed. */
static size_t amount(const struct dm_source *source, uint64_t at, size_t need) {
    bool reads_on = at >= source->window_at && at <= source->window_at + source->window_bytes;
    size_t wanted = MAX(need, reads_on ? WINDOW_BYTES : HOP_BYTES);
    uint64_t rest = source->size - at;
    return rest < wanted ? (size_t)rest : wanted;
}

static bool read_window(struct dm_source *source, uint64_t at, size_t need) {
    size_t wanted = amount(source, at, need);
    if (wanted > source->budget_bytes) {
        source->spent = true;
        return false;
    }
    if (source->window == NULL) {
        source->window = g_malloc(WINDOW_BYTES);
    }
    source->window_at = at;
    source->window_bytes = 0;
    while (source->window_bytes < wanted) {
        ssize_t got = pread(source->fd, source->window + source->window_bytes,
                            wanted - source->window_bytes, (off_t)(at + source->window_bytes));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            source->error = got < 0 ? errno : 0; // 0: it became shorter
            break;
        }
        source->window_bytes += got > 0 ? (size_t)got : 0;
    }
    source->budget_bytes -= source->window_bytes;
    return source->window_bytes >= need;
}

static const uint8_t *give(const uint8_t *bytes, size_t have, size_t *ret_have) {
    if (ret_have != NULL) {
        *ret_have = have;
    }
    return bytes;
}

const uint8_t *dm_source_at(struct dm_source *source, uint64_t at, size_t need, size_t *ret_have) {
    if (at > source->size || need > source->size - at) {
        return NULL;
    }
    if (source->data != NULL) {
        return give(source->data + at, (size_t)(source->size - at), ret_have);
    }
    uint64_t end = source->window_at + source->window_bytes;
    if (at < source->window_at || at + need > end) {
        if (!read_window(source, at, need)) {
            return NULL;
        }
        end = at + source->window_bytes;
    }
    return give(source->window + (at - source->window_at), (size_t)(end - at), ret_have);
}
