// SPDX-License-Identifier: MIT
//
// See metadata.h. libvips keeps EXIF twice: as the raw block and as text fields, one a tag, from
// which its own savers write. Both are kept in step here.
#include "mpi_worker/codec/metadata.h"

#include "mpi_worker/codec/exif.h"
#include "mpi_worker/meta/bytes.h"

#include <stdlib.h>
#include <string.h>

struct dm_blob dm_metadata(VipsImage *image, const char *name) {
    const void *data = NULL;
    size_t size = 0;
    if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB ||
        vips_image_get_blob(image, name, &data, &size) != 0 || size == 0) {
        return (struct dm_blob){NULL, 0};
    }
    return (struct dm_blob){data, size};
}

struct dm_blob dm_metadata_bare_iptc(struct dm_blob block) {
    static const char photoshop[] = "Photoshop 3.0"; // and its closing 0
    const size_t head = 12;                          // 8BIM, id, an empty name, length
    if (block.data == NULL || block.size < sizeof(photoshop) ||
        memcmp(block.data, photoshop, sizeof(photoshop)) != 0) {
        return block;
    }
    for (size_t at = sizeof(photoshop); at + head <= block.size;) {
        const uint8_t *p = block.data + at;
        size_t name = ((size_t)p[6] + 2) & ~(size_t)1; // with its length, padded
        size_t start = at + 6 + name + 4;
        if (memcmp(p, "8BIM", 4) != 0 || start > block.size) {
            break;
        }
        size_t length = dm_be32(block.data + start - 4);
        if (length > block.size - start) {
            break;
        }
        if (dm_be16(p + 4) == 0x0404) {
            return (struct dm_blob){block.data + start, length};
        }
        at = start + ((length + 1) & ~(size_t)1);
    }
    return (struct dm_blob){NULL, 0};
}

double dm_metadata_dpi(const VipsImage *image) {
    // libvips says 1 pixel/mm when the file said nothing.
    return image->Xres > 0 && image->Xres != 1.0 ? image->Xres * 25.4 : 0;
}

static void set_exif(VipsImage *image, int page_height_px) {
    struct dm_blob old = dm_metadata(image, VIPS_META_EXIF_NAME);
    struct dm_exif_facts facts = {vips_image_get_orientation(image), image->Xsize, page_height_px};
    size_t size = 0;
    uint8_t *exif = dm_exif_rewrite(old.data, old.size, &facts, &size);
    if (exif != NULL) {
        vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, exif, size);
    } else {
        vips_image_remove(image, VIPS_META_EXIF_NAME);
    }
    free(exif);
}

/** Bytes 16 to 19 of a profile name the colours that it is for. */
static void drop_foreign_profile(VipsImage *image) {
    struct dm_blob icc = dm_metadata(image, VIPS_META_ICC_NAME);
    const char *wanted = image->Bands < 3 ? "GRAY" : "RGB ";
    if (icc.data != NULL && (icc.size < 128 || memcmp(icc.data + 16, wanted, 4) != 0)) {
        vips_image_remove(image, VIPS_META_ICC_NAME);
    }
}

bool dm_metadata_finish(VipsImage *image, int page_height_px, VipsImage **ret_out) {
    VipsImage *own = NULL; // metadata of a shared picture must not be changed
    if (vips_copy(image, &own, NULL) != 0) {
        return false;
    }
    vips_image_remove(own, "jpeg-thumbnail-data");
    drop_foreign_profile(own);
    set_exif(own, page_height_px);
    *ret_out = own;
    return true;
}
