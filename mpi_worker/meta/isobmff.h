// SPDX-License-Identifier: MIT
//
// Boxes of HEIF and AVIF files (ISO/IEC 14496-12, 23008-12): length, name, content; the `meta` box
// lists items, of which the picture is one and EXIF and XMP are others.
#ifndef DM_MPI_WORKER_META_ISOBMFF_H
#define DM_MPI_WORKER_META_ISOBMFF_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A box; offsets into the file. */
struct dm_box_at {
    char name[5];
    size_t start, data, end;
};

/** The box at @at within what ends at @end. False: there is none. */
bool dm_box_read(const uint8_t *file, size_t end, size_t at, struct dm_box_at *ret);

/** The first box of @name from @at to @end. */
bool dm_box_find(const uint8_t *file, size_t end, size_t at, const char *name,
                 struct dm_box_at *ret);

/** An item's bytes: one stretch of the file, or of the `idat` box. */
struct dm_item {
    uint32_t id;
    // Of iinf: "Exif", "mime", "av01"; "" when it says nothing.
    char type[5];
    // Of "mime": its content type is XMP's.
    bool is_xmp;
    unsigned method; // 0: of the file; 1: of idat
    // In more than one stretch.
    bool scattered;
    uint64_t offset, size;
};

/** A meta box, taken apart. */
struct dm_items {
    // The boxes in it; end 0: it is not there.
    struct dm_box_at meta, iinf, iloc, iref, iprp, idat;
    uint32_t primary;
    GArray *items; // of struct dm_item
};

/** False: no meta box that can be read. */
bool dm_items_read(const uint8_t *file, size_t size, struct dm_items *ret);
void dm_items_clear(struct dm_items *items);

#endif
