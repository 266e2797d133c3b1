// SPDX-License-Identifier: MIT
//
// From a file's bytes to a lazy picture: pixels are decoded when strips are pulled, so a wrong size
// costs nothing. What operations may rely on is made of it by image/normalise.h.
#ifndef DM_MPI_WORKER_CODEC_OPEN_H
#define DM_MPI_WORKER_CODEC_OPEN_H

#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/format.h"

#include <stdbool.h>
#include <vips/vips.h>

/**
 * Open @bytes, which must outlive the picture, to be read once from top to bottom. A file that ends
 * early makes pulling its pixels fail. Returns NULL when libvips refuses.
 */
VipsImage *dm_codec_open(const struct dm_codec *codec, const struct dm_bytes *bytes,
                         const struct dm_decode *how);

/** What became of a picture's decoding so far. */
struct dm_watch {
    // Pixels could not be had.
    bool failed;
    // From the top; all of them only when somebody needed the last one.
    int rows_read;
};

/**
 * Pass @in (transfer full) through, without what libvips says that the file says, and note in
 * @watch (which must outlive the picture) what is read of it: so that a decoder's failure is told
 * from an operation's, wherever it surfaces. Returns NULL when libvips refuses.
 */
VipsImage *dm_codec_watch(VipsImage *in, struct dm_watch *watch);

#endif
