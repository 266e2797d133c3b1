// SPDX-License-Identifier: MIT
//
// Stills as PNG; what moves is made of them by apng_write.c.
#ifndef DM_MPI_WORKER_CODEC_PNG_H
#define DM_MPI_WORKER_CODEC_PNG_H

#include "mpi_worker/codec/encode.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** Encode a still into the sink; a dm_encode_fn. */
bool dm_png_encode_still(struct dm_encode *job, GError **error);

/** Encode @image, one frame, behind @ret_file; @bare: without metadata. As a dm_encode_fn. */
bool dm_png_in_memory(VipsImage *image, struct dm_encode *job, bool bare, GByteArray *ret_file,
                      GError **error);

#endif
