// SPDX-License-Identifier: MIT
//
// Buffered writing with a memory for its first error. See sink.h.
#include "mpi_worker/codec/sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void dm_sink_init(struct dm_sink *sink, int fd) {
    sink->fd = fd;
    sink->memory = NULL;
    sink->errnum = 0;
    sink->bytes = 0;
    sink->held = 0;
}

void dm_sink_init_memory(struct dm_sink *sink, GByteArray *memory) {
    dm_sink_init(sink, -1);
    sink->memory = memory;
}

static bool write_out(struct dm_sink *sink, const uint8_t *data, size_t size) {
    if (sink->memory != NULL) {
        g_byte_array_append(sink->memory, data, (guint)size);
        sink->bytes += (int64_t)size;
        return true;
    }
    while (size > 0 && sink->errnum == 0) {
        ssize_t written = write(sink->fd, data, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            sink->errnum = written < 0 ? errno : EIO;
            break;
        }
        data += written;
        size -= (size_t)written;
        sink->bytes += written;
    }
    return sink->errnum == 0;
}

bool dm_sink_flush(struct dm_sink *sink) {
    size_t held = sink->held;
    sink->held = 0;
    return write_out(sink, sink->buffer, held);
}

bool dm_sink_write(struct dm_sink *sink, const void *data, size_t size) {
    if (size > sizeof(sink->buffer) - sink->held && !dm_sink_flush(sink)) {
        return false;
    }
    if (size > sizeof(sink->buffer)) {
        return write_out(sink, data, size);
    }
    if (size > 0) { // @data of nothing may be NULL
        memcpy(sink->buffer + sink->held, data, size);
        sink->held += size;
    }
    return sink->errnum == 0;
}
