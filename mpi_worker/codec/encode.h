// SPDX-License-Identifier: MIT
//
// What an encoder is given and what it promises. jpeg.c and png.c pull the picture strip by strip
// and write as they go; savers.c hands a picture in memory to libvips' own savers.
#ifndef DM_MPI_WORKER_CODEC_ENCODE_H
#define DM_MPI_WORKER_CODEC_ENCODE_H

#include "mpi_worker/codec/scan.h"
#include "mpi_worker/codec/sink.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>
#include <vips/vips.h>

/** What an output step asks of the encoder. Zero or DM_UNSET_INT: the format's default. */
struct dm_output {
    // In the catalogue.
    const char *format;
    // 1 to 100.
    int quality;
    // In the format's own scale.
    int effort;
    bool lossless;
    // TIFF: "lzw", "deflate" or "none"; NULL: the format's default.
    const char *compression;
    // JPEG: the source's, where it is a JPEG.
    bool same_quality;
};

/**
 * One picture to encode. Its bands and depth are such as the format can hold, and so is what it
 * says. What it points at is borrowed.
 */
struct dm_encode {
    VipsImage *image;
    // What the file shall say of itself.
    struct dm_meta *meta;
    // What the chain asks for.
    const struct dm_output *output;
    // The source's header; NULL unless the source has this very format.
    const struct dm_header *source;
    // Nothing of the image is left to compute.
    bool in_memory;
    struct dm_sink *sink;
    // Appended to by dm_remark().
    GString *remarks;
    // Out: computing pixels failed, not writing them.
    bool pixels_failed;
};

/**
 * Encode into the sink. False: `pixels_failed` is set (libvips' error buffer says why), or the sink
 * failed (its errnum), or else the encoder itself refused (@error, DM_ERROR_INPUT).
 */
typedef bool (*dm_encode_fn)(struct dm_encode *job, GError **error);

bool dm_encode_jpeg(struct dm_encode *job, GError **error);
bool dm_encode_png(struct dm_encode *job, GError **error);
bool dm_encode_webp(struct dm_encode *job, GError **error);
bool dm_encode_tiff(struct dm_encode *job, GError **error);
bool dm_encode_gif(struct dm_encode *job, GError **error);
bool dm_encode_avif(struct dm_encode *job, GError **error);

/** What one of libvips' savers makes of a picture in memory: pixels alone. */
typedef int (*dm_save_fn)(VipsImage *image, const struct dm_encode *job, void **ret_data,
                          size_t *ret_size);

/** Encode by a saver, as a dm_encode_fn; this thread computes the picture into memory first. */
bool dm_encode_by_saver(struct dm_encode *job, const char *format, dm_save_fn saver,
                        GError **error);

/** Write a file of pixels alone into the sink, with what it shall say of itself. */
bool dm_encode_write_said(struct dm_encode *job, const char *format, const void *data, size_t size);

#endif
