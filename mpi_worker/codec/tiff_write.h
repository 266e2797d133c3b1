// SPDX-License-Identifier: MIT
//
// The pixels of one picture into a TIFF of one page, by libtiff. One bit a pixel and palettes stay
// what they were in the source, where the result's colours allow it.
#ifndef DM_MPI_WORKER_CODEC_TIFF_WRITE_H
#define DM_MPI_WORKER_CODEC_TIFF_WRITE_H

#include "mpi_worker/codec/encode.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/**
 * Write @image by @compression (libtiff's number), unless the chain asked for none and the picture
 * has one bit: then by CCITT's Group 4. *@ret_data is to be g_free()d. False: as a dm_encode_fn.
 */
bool dm_tiff_write(VipsImage *image, struct dm_encode *job, uint16_t compression, void **ret_data,
                   size_t *ret_size, GError **error);

#endif
