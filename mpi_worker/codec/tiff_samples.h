// SPDX-License-Identifier: MIT
//
// TIFF pictures whose samples libvips takes for something else: floating point, signed, of 32 or
// more bits or of an odd number of them, and YCbCr without JPEG.
#ifndef DM_MPI_WORKER_CODEC_TIFF_SAMPLES_H
#define DM_MPI_WORKER_CODEC_TIFF_SAMPLES_H

#include "mpi_worker/codec/decode.h"

#include <stdint.h>
#include <vips/vips.h>

/**
 * Open directory number @directory: gray or RGB, and all extra samples, of 16 bits; YCbCr as RGB of
 * 8 bits. Without metadata. Numbers that are no colours by themselves are spread from the least to
 * the greatest that the file says (SMinSampleValue, SMaxSampleValue) or holds, the latter with a
 * remark. Returns NULL when libtiff refuses.
 */
VipsImage *dm_tiff_samples(const struct dm_bytes *bytes, uint32_t directory, GString *remarks);

#endif
