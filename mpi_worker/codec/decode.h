// SPDX-License-Identifier: MIT
//
// From a file's bytes to a picture that operations may rely on (op.h says on what). Both steps are
// lazy: pixels are decoded when strips are pulled, so a wrong size costs nothing.
#ifndef DM_MPI_WORKER_CODEC_DECODE_H
#define DM_MPI_WORKER_CODEC_DECODE_H

#include "mpi_worker/codec/format.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <vips/vips.h>

/** A file in memory. */
struct dm_bytes {
    uint8_t *data;
    size_t size;
};

/** How to decode. */
struct dm_decode {
    int shrink;     // 1, or 2, 4, 8 where the codec shrinks
    bool all_pages; // one tall picture of every page, where the codec has pages; else one
    int page;       // which one, from 0
};

/**
 * Open @bytes, which must outlive the picture, to be read once from top to bottom. A file that ends
 * early makes pulling its pixels fail. Returns NULL when libvips refuses.
 */
VipsImage *dm_decode(const struct dm_codec *codec, const struct dm_bytes *bytes,
                     const struct dm_decode *how);

/** The pixels of JPEG: see struct dm_codec. */
VipsImage *dm_decode_jpeg(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how);
VipsImage *dm_decode_tiff(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how);

/** What became of a picture's decoding so far. */
struct dm_watch {
    bool failed;   // pixels could not be had
    int rows_read; // from the top; all of them only when somebody needed the last one
};

/**
 * Pass @in (transfer full) through and note in @watch (which must outlive the picture) what is read
 * of it: so that a decoder's failure is told from an operation's, wherever it surfaces. Returns
 * NULL when libvips refuses.
 */
VipsImage *dm_decode_watch(VipsImage *in, struct dm_watch *watch);

/**
 * Bring any picture to 1 or 3 bands (+ alpha) of 8 or 16 bits, b-w or RGB: CMYK through its own
 * profile, Lab and kin into sRGB, wide integers and floats to 16 bits. RGB profiles are kept and
 * pixels not touched. *@ret_out is a new reference. False: libvips refused.
 */
bool dm_normalise(VipsImage *in, GString *remarks, VipsImage **ret_out);

/**
 * Bring a normalised picture to what @codec can hold: alpha flattened on @background, 16 bits to 8,
 * with a remark each. *@ret_out is a new reference. False: libvips refused.
 */
bool dm_adapt(VipsImage *in, const struct dm_codec *codec, struct dm_colour background,
              GString *remarks, VipsImage **ret_out);

#endif
