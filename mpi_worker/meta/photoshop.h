// SPDX-License-Identifier: MIT
//
// Photoshop's block of resources: each a signature, a number, a name, a length and its bytes
// ("Adobe Photoshop File Formats Specification", Image Resources). IPTC is number 1028.
#ifndef DM_MPI_WORKER_META_PHOTOSHOP_H
#define DM_MPI_WORKER_META_PHOTOSHOP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DM_RESOURCE_RESOLUTION = 1005,
    DM_RESOURCE_IPTC = 1028,
    DM_RESOURCE_THUMBNAIL_OLD = 1033,
    DM_RESOURCE_THUMBNAIL = 1036,
    DM_RESOURCE_PROFILE = 1039,
    DM_RESOURCE_EXIF = 1058,
    DM_RESOURCE_EXIF_3 = 1059,
    DM_RESOURCE_XMP = 1060,
    DM_RESOURCE_FIRST_PATH = 2000,
    DM_RESOURCE_LAST_PATH = 2997,
};

/** A resource, by offsets into the block. */
struct dm_resource {
    unsigned id;
    size_t start, data, size;
    // Behind its padding.
    size_t end;
};

/** Read the resource at @at. False: there is none. */
bool dm_resource_at(const uint8_t *block, size_t size, size_t at, struct dm_resource *ret);

/** Find one. False: it is not there. */
bool dm_resource_find(GBytes *block, unsigned id, struct dm_resource *ret);

/** The IIM records in a block, of all its resources that have some; NULL: none. (transfer full) */
GBytes *dm_photoshop_iptc(GBytes *block);

/** @block (transfer full, nullable) and bare IIM records in it. (transfer full) */
GBytes *dm_photoshop_add_iptc(GBytes *block, const uint8_t *iptc, size_t size);

#endif
