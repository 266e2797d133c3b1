// SPDX-License-Identifier: MIT
//
// What travels with the pixels: EXIF, XMP, IPTC, the colour profile, the resolution. Made true for
// the result once, before any encoder looks at it.
#ifndef DM_MPI_WORKER_CODEC_METADATA_H
#define DM_MPI_WORKER_CODEC_METADATA_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

/** A block of metadata; data is NULL when there is none. */
struct dm_blob {
    const uint8_t *data;
    size_t size;
};

/** Look up e.g. VIPS_META_ICC_NAME in @image, which keeps owning it. */
struct dm_blob dm_metadata(VipsImage *image, const char *name);

/** The IIM records of an IPTC block, which may lie within Photoshop's resources; NULL: none. */
struct dm_blob dm_metadata_bare_iptc(struct dm_blob block);

/** Pixels for one inch, as the picture says; 0 when it does not. */
double dm_metadata_dpi(const VipsImage *image);

/**
 * Make @image's metadata true for a file of @page_height_px high pages: EXIF dimensions and
 * orientation (as tag), no thumbnail, no profile of another colour space. *@ret_out is a new
 * reference. False: libvips refused.
 */
bool dm_metadata_finish(VipsImage *image, int page_height_px, VipsImage **ret_out);

#endif
