// SPDX-License-Identifier: MIT
//
// Where encoded bytes go: a descriptor, with a small buffer before it and the first error kept, so
// that "the disk is full" can be told from everything else that fails in an encoder.
#ifndef DM_MPI_WORKER_CODEC_SINK_H
#define DM_MPI_WORKER_CODEC_SINK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DM_SINK_BYTES = 16384 }; // held back at most

struct dm_sink {
    // -1: into memory.
    int fd;
    // (nullable, borrowed)
    GByteArray *memory;
    // Of the first write that failed; 0: none did.
    int errnum;
    int64_t bytes;
    size_t held;
    uint8_t buffer[DM_SINK_BYTES];
};

/** Begin to write into @fd (borrowed). */
void dm_sink_init(struct dm_sink *sink, int fd);

/** Begin to write into @memory (borrowed). */
void dm_sink_init_memory(struct dm_sink *sink, GByteArray *memory);

/** Take @size bytes. False, now and ever after, once a write failed. */
bool dm_sink_write(struct dm_sink *sink, const void *data, size_t size);

/** Write what is held back. False once a write failed. */
bool dm_sink_flush(struct dm_sink *sink);

#endif
