// SPDX-License-Identifier: MIT
//
// TIFF files in memory, as libtiff sees them: opened for reading or writing, which of their
// directories are pages, and what kind of picture lies in one.
#ifndef DM_MPI_WORKER_CODEC_TIFF_FILE_H
#define DM_MPI_WORKER_CODEC_TIFF_FILE_H

#include "mpi_worker/codec/decode.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <tiffio.h>

/** A file that is read, and how far. Lives as long as the TIFF that is open on it. */
struct dm_tiff_source {
    const struct dm_bytes *bytes;
    uint64_t at;
};

/** A file that is written. */
struct dm_tiff_target {
    GByteArray *bytes;
    uint64_t at;
};

/** Open it at its first directory; TIFFClose() it. NULL: libtiff refused. */
TIFF *dm_tiff_file_open(struct dm_tiff_source *source, const struct dm_bytes *bytes);

/** Begin a little-endian file; @big: beyond 4 GB. TIFFClose() it. NULL: libtiff refused. */
TIFF *dm_tiff_file_create(struct dm_tiff_target *target, bool big);

/**
 * The directories that are pages, as uint32_t (transfer full): all of them but reduced copies and
 * masks of others; all, where there is nothing else. Leaves @tiff somewhere.
 */
GArray *dm_tiff_pages(TIFF *tiff, int *ret_copies);

/** What a directory says about its samples. */
struct dm_tiff_kind {
    uint32_t width, height;
    uint16_t bits, format, photometric, planar, compression;
    uint16_t samples;
    // Of them the first ones; the rest are extra samples.
    int colours;
    // Which sample is transparency; -1: none is.
    int alpha;
    // Colours are multiplied by it.
    bool associated;
    uint16_t subsampling[2];
};

/** Read the directory at hand. False: it lacks what every picture has. */
bool dm_tiff_kind(TIFF *tiff, struct dm_tiff_kind *ret);

/** YCbCr that no JPEG decoder turns into RGB. */
bool dm_tiff_is_ycc(const struct dm_tiff_kind *kind);

/** Whether libvips' loader takes such samples for what they are. */
bool dm_tiff_is_plain(const struct dm_tiff_kind *kind);

/** What cannot be read of such a picture, and what to do: (transfer full); NULL: nothing. */
char *dm_tiff_unsupported(const struct dm_tiff_kind *kind);

#endif
