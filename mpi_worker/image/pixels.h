// SPDX-License-Identifier: MIT
//
// What is true of the pictures that operations get (op.h says what), and where their pixels lie.
#ifndef DM_MPI_WORKER_IMAGE_PIXELS_H
#define DM_MPI_WORKER_IMAGE_PIXELS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <vips/vips.h>

// libvips defines it since 8.16.
#if VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION < 16
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsImage, g_object_unref)
#endif

/**
 * Whole-number fields on a picture, before it is normalised, whose bands are not just colours and
 * perhaps one alpha: how many are colours, and which band is alpha; 0: none is. All others are
 * extra samples, which mean something only to whoever wrote the file.
 */
#define DM_COLOUR_BANDS_FIELD "dropmill-colour-bands"
#define DM_ALPHA_BAND_FIELD "dropmill-alpha-band"

/** Whole-number field on a finished picture: how many of its last bands are extra samples. */
#define DM_EXTRA_BANDS_FIELD "dropmill-extra-bands"

/** Whole-number fields: in its file it had samples of so few bits; it had a palette. */
#define DM_BITS_FIELD "dropmill-bits"
#define DM_PALETTE_FIELD "dropmill-palette"

/** Whether samples have 16 bits; whether the last band is alpha. */
bool dm_image_wide(const VipsImage *image);
bool dm_image_alpha(const VipsImage *image);

/** How many bands are colours: 1 or 3. */
int dm_image_colours(const VipsImage *image);

/** The largest sample: 255 or 65535. */
int dm_image_max(const VipsImage *image);

/** What a whole-number field says; 0 when it is not there. */
int dm_image_field(VipsImage *image, const char *name);

/** The bytes of a pixel and of a row of a picture. */
size_t dm_image_pixel_size(const VipsImage *image);
size_t dm_image_row_size(const VipsImage *image);

/** Where row @y of a picture in memory begins, and pixel (@x, @y) of what a region holds. */
void *dm_image_row(const VipsImage *image, int y);
void *dm_region_at(const VipsRegion *region, int x, int y);

/** Copy the last band of @width pixels of a row of @image, which has alpha. */
void dm_copy_alpha(const VipsImage *image, const void *from, void *to, int width);

#endif
