// SPDX-License-Identifier: MIT
//
// Tags of a TIFF's directory that are not EXIF's.
#ifndef DM_MPI_WORKER_META_TIFF_TAGS_H
#define DM_MPI_WORKER_META_TIFF_TAGS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DM_TAG_SUBFILE = 254,
    DM_TAG_OLD_SUBFILE = 255,
    DM_TAG_WIDTH = 256,
    DM_TAG_HEIGHT = 257,
    DM_TAG_BITS = 258,
    DM_TAG_STRIPS = 273,
    DM_TAG_ORIENTATION = 274,
    DM_TAG_STRIP_BYTES = 279,
    DM_TAG_X_RESOLUTION = 282,
    DM_TAG_Y_RESOLUTION = 283,
    DM_TAG_RESOLUTION_UNIT = 296,
    DM_TAG_TILES = 324,
    DM_TAG_TILE_BYTES = 325,
    DM_TAG_XMP = 700,
    DM_TAG_PIXEL_SCALE = 33550,
    DM_TAG_IPTC = 33723,
    DM_TAG_TIE_POINTS = 33922,
    DM_TAG_TRANSFORMATION = 34264,
    DM_TAG_PHOTOSHOP = 34377,
    DM_TAG_EXIF = 0x8769,
    DM_TAG_PROFILE = 34675,
    DM_TAG_GEO_KEYS = 34735,
    DM_TAG_GPS = 0x8825,
    DM_TAG_LAYERS = 37724,
    DM_TAG_MAKER_NOTE = 0x927C,
    DM_TAG_INTEROP = 0xA005,
};

/** Whether a tag says how a TIFF's own samples are stored, or is a block with a place of its own.
 */
bool dm_tag_is_structure(unsigned tag);

/**
 * Whether NewSubfileType and the older SubfileType (TIFF 6.0; 0: not said) tell of what is only
 * there for another picture.
 */
bool dm_tiff_is_copy(uint64_t type, uint64_t old_type);

#endif
