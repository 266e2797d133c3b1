// SPDX-License-Identifier: MIT
//
// See pixels.h.
#include "mpi_worker/image/pixels.h"

#include <string.h>

bool dm_image_wide(const VipsImage *image) {
    return image->BandFmt == VIPS_FORMAT_USHORT;
}

bool dm_image_alpha(const VipsImage *image) {
    return image->Bands == 2 || image->Bands == 4;
}

int dm_image_colours(const VipsImage *image) {
    return image->Bands >= 3 ? 3 : 1;
}

int dm_image_max(const VipsImage *image) {
    return dm_image_wide(image) ? 65535 : 255;
}

// libvips has macros for these, which mix signed and unsigned.

int dm_image_field(VipsImage *image, const char *name) {
    int value = 0;
    if (vips_image_get_typeof(image, name) != 0) {
        vips_image_get_int(image, name, &value);
    }
    return value;
}

size_t dm_image_pixel_size(const VipsImage *image) {
    return vips_format_sizeof(image->BandFmt) * (size_t)image->Bands;
}

size_t dm_image_row_size(const VipsImage *image) {
    return (size_t)image->Xsize * dm_image_pixel_size(image);
}

void *dm_image_row(const VipsImage *image, int y) {
    return image->data + (size_t)y * dm_image_row_size(image);
}

void *dm_region_at(const VipsRegion *region, int x, int y) {
    size_t down = (size_t)(y - region->valid.top);
    size_t across = (size_t)(x - region->valid.left);
    return region->data + down * (size_t)region->bpl + across * dm_image_pixel_size(region->im);
}

void dm_copy_alpha(const VipsImage *image, const void *from, void *to, int width) {
    size_t pixel = dm_image_pixel_size(image);
    size_t sample = vips_format_sizeof(image->BandFmt);
    const char *alpha = (const char *)from + pixel - sample;
    char *copy = (char *)to + pixel - sample;

    for (size_t x = 0; x < (size_t)width * pixel; x += pixel) {
        memcpy(copy + x, alpha + x, sample);
    }
}
