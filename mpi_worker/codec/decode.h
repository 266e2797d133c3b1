// SPDX-License-Identifier: MIT
//
// What a decoder of our own is given and what it promises; the counterpart of encode.h. Who calls
// them: open.c, by the rows of format.c.
#ifndef DM_MPI_WORKER_CODEC_DECODE_H
#define DM_MPI_WORKER_CODEC_DECODE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/** A file in memory. */
struct dm_bytes {
    uint8_t *data;
    size_t size;
};

/** How to decode. */
struct dm_decode {
    // 1, or 2, 4, 8 where the codec shrinks.
    int shrink;
    // One tall picture of every page, where the codec has pages; else one page.
    bool all_pages;
    // Which one, from 0.
    int page;
    // (nullable) Gets what the user should know, perhaps only while pixels are pulled; must outlive
    // the picture.
    GString *remarks;
    // (nullable) Set (transfer full) where the file is whole but of a kind that is not read: which
    // one, and what to do.
    char **ret_unsupported;
};

/**
 * Open @bytes, which outlive the picture, in a way of our own. Returns NULL when it is refused.
 */
typedef VipsImage *(*dm_open_fn)(const struct dm_bytes *bytes, const struct dm_decode *how);

VipsImage *dm_open_gif(const struct dm_bytes *bytes, const struct dm_decode *how);
VipsImage *dm_open_png(const struct dm_bytes *bytes, const struct dm_decode *how);
VipsImage *dm_open_tiff(const struct dm_bytes *bytes, const struct dm_decode *how);

/**
 * Open @bytes by libvips' @loader, with one @option of whole numbers (nullable). Returns NULL when
 * libvips refuses.
 */
VipsImage *dm_open_by_loader(const char *loader, const struct dm_bytes *bytes, const char *option,
                             int value);

/**
 * Give @header (transfer full), which libvips' loader opened, pixels or metadata of our own
 * decoding; @bytes outlive the picture. Returns NULL when libvips refuses.
 */
typedef VipsImage *(*dm_decode_fn)(VipsImage *header, const struct dm_bytes *bytes,
                                   const struct dm_decode *how);

VipsImage *dm_decode_heif(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how);
VipsImage *dm_decode_jpeg(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how);

#endif
