// SPDX-License-Identifier: MIT
//
// See strips.h.
#include "mpi_worker/image/strips.h"

bool dm_strips_init(struct dm_strips *strips, VipsImage *image) {
    *strips = (struct dm_strips){.region = vips_region_new(image)};
    return strips->region != NULL;
}

void dm_strips_clear(struct dm_strips *strips) {
    g_clear_object(&strips->region);
    strips->rows = 0;
}

bool dm_strips_next(struct dm_strips *strips) {
    const VipsImage *image = strips->region->im;
    strips->y += strips->rows;
    strips->rows = MIN(DM_STRIP_ROWS, image->Ysize - strips->y);
    if (strips->rows == 0) {
        return true;
    }
    VipsRect strip = {0, strips->y, image->Xsize, strips->rows};
    return vips_region_prepare(strips->region, &strip) == 0;
}

VipsPel *dm_strips_row(const struct dm_strips *strips, int index) {
    const VipsRegion *region = strips->region;
    return region->data + (ptrdiff_t)(strips->y + index - region->valid.top) * region->bpl;
}

VipsImage *dm_strips_new_memory(VipsImage *like, int height) {
    VipsImage *image = vips_image_new_memory();
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_ANY, like, NULL) != 0) {
        g_object_unref(image);
        return NULL;
    }
    image->Ysize = height;
    if (vips_image_write_prepare(image) != 0) {
        g_clear_object(&image);
    }
    return image;
}

static bool copy_strip(const struct dm_strips *strips, VipsImage *target, int top) {
    for (int i = 0; i < strips->rows; i++) {
        if (vips_image_write_line(target, top + strips->y + i, dm_strips_row(strips, i)) != 0) {
            return false;
        }
    }
    return true;
}

bool dm_strips_copy_into(VipsImage *image, VipsImage *target, int top) {
    struct dm_strips strips;
    bool good = dm_strips_init(&strips, image);
    while (good && (good = dm_strips_next(&strips)) && strips.rows > 0) {
        good = copy_strip(&strips, target, top);
    }
    dm_strips_clear(&strips);
    return good;
}

VipsImage *dm_strips_to_memory(VipsImage *image) {
    VipsImage *memory = dm_strips_new_memory(image, image->Ysize);
    if (memory != NULL && !dm_strips_copy_into(image, memory, 0)) {
        g_clear_object(&memory);
    }
    return memory;
}
