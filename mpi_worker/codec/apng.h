// SPDX-License-Identifier: MIT
//
// PNG that moves, for who writes it: its chunks, and stills in memory. The reader is apng.c, the
// writer apng_write.c.
#ifndef DM_MPI_WORKER_CODEC_APNG_H
#define DM_MPI_WORKER_CODEC_APNG_H

#include "mpi_worker/codec/encode.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

static inline void dm_png_put32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

/** Append a chunk of @front and @data (both nullable), with its length and its sum. */
void dm_png_add_chunk(GByteArray *png, const char name[static 4], const uint8_t *front,
                      size_t front_size, const uint8_t *data, size_t size);

/** Encode a roll of frames into the sink, as a dm_encode_fn. */
bool dm_encode_apng(struct dm_encode *job, GError **error);

/** Encode @image, one frame, behind @ret_file; @bare: without metadata. As a dm_encode_fn. */
bool dm_png_in_memory(VipsImage *image, struct dm_encode *job, bool bare, GByteArray *ret_file,
                      GError **error);

#endif
