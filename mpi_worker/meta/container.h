// SPDX-License-Identifier: MIT
//
// A container: who reads what a file says about itself, who writes it into a file that an encoder
// made of pixels alone, and what it can hold. The table of all: containers.h.
#ifndef DM_MPI_WORKER_META_CONTAINER_H
#define DM_MPI_WORKER_META_CONTAINER_H

#include "mpi_worker/meta/meta.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Kinds of what a file says, as bits of `holds`. */
enum dm_meta_kind {
    DM_META_EXIF,
    DM_META_XMP,
    DM_META_PHOTOSHOP,
    DM_META_TEXT,
    DM_META_COMMENT,
    DM_META_PROFILE,
    DM_META_CODES, // of a colour space
    DM_META_RESOLUTION,
    DM_META_OTHERS, // of the same container
    DM_META_GAIN,   // a gain map
    DM_META_KINDS,
};

/** A container. */
struct dm_meta_container {
    // The format's name in the catalogue.
    const char *format;
    const char *mime;
    // Of 1 << enum dm_meta_kind.
    unsigned holds;
    /** Take in what @data says. @page: from 0, of a TIFF. */
    void (*read)(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
    /**
     * (nullable: the encoder asks for it piece by piece) @file with all that it can hold of @meta,
     * (transfer full); NULL: it is not understood.
     */
    GByteArray *(*write)(const struct dm_meta *meta, const uint8_t *file, size_t size);
};

/** JPEG: all segments that stand behind the first, whole, one behind the other. (transfer full) */
GByteArray *dm_meta_jpeg_segments(struct dm_meta *meta);

/** PNG: all chunks that stand before (@behind_palette false) and behind PLTE. (transfer full) */
GByteArray *dm_meta_png_chunks(const struct dm_meta *meta, bool behind_palette);

void dm_meta_read_jpeg(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
void dm_meta_read_png(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
void dm_meta_read_webp(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
void dm_meta_read_tiff(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
void dm_meta_read_isobmff(struct dm_meta *meta, const uint8_t *data, size_t size, int page);
void dm_meta_read_gif(struct dm_meta *meta, const uint8_t *data, size_t size, int page);

GByteArray *dm_meta_write_webp(const struct dm_meta *meta, const uint8_t *file, size_t size);
GByteArray *dm_meta_write_tiff(const struct dm_meta *meta, const uint8_t *file, size_t size);
GByteArray *dm_meta_write_isobmff(const struct dm_meta *meta, const uint8_t *file, size_t size);
GByteArray *dm_meta_write_gif(const struct dm_meta *meta, const uint8_t *file, size_t size);

#endif
