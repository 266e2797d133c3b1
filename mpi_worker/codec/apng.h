// SPDX-License-Identifier: MIT
//
// Chunks of PNG, for who writes files that move (apng_write.c).
#ifndef DM_MPI_WORKER_CODEC_APNG_H
#define DM_MPI_WORKER_CODEC_APNG_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

static inline void dm_png_put32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

/** Append a chunk of @front and @data (both nullable), with its length and its sum. */
void dm_png_add_chunk(GByteArray *png, const char name[static 4], const uint8_t *front,
                      size_t front_size, const uint8_t *data, size_t size);

#endif
