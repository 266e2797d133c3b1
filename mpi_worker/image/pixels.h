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

/** Whether samples have 16 bits; whether the last band is alpha. */
bool dm_image_wide(const VipsImage *image);
bool dm_image_alpha(const VipsImage *image);

/** How many bands are colours: 1 or 3. */
int dm_image_colours(const VipsImage *image);

/** The largest sample: 255 or 65535. */
int dm_image_max(const VipsImage *image);

/** The bytes of a pixel and of a row of a picture. */
size_t dm_image_pixel_size(const VipsImage *image);
size_t dm_image_row_size(const VipsImage *image);

/** Where row @y of a picture in memory begins, and pixel (@x, @y) of what a region holds. */
void *dm_image_row(const VipsImage *image, int y);
void *dm_region_at(const VipsRegion *region, int x, int y);

/** Copy the last band of @width pixels of a row of @image, which has alpha. */
void dm_copy_alpha(const VipsImage *image, const void *from, void *to, int width);

#endif
