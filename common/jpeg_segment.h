// SPDX-License-Identifier: MIT
//
// A JPEG is a row of segments: FF, a marker, a length that counts itself, the payload; after a
// start of scan come entropy-coded bytes in which FF is followed by 00 or a restart marker. See
// ITU-T T.81, annex B. Whoever walks over these segments never takes a thumbnail inside EXIF for
// the end.
#ifndef DM_COMMON_JPEG_SEGMENT_H
#define DM_COMMON_JPEG_SEGMENT_H

#include "common/source.h"

/** Markers. */
enum {
    DM_JPEG_SOI = 0xD8,
    DM_JPEG_EOI = 0xD9,
    DM_JPEG_SOS = 0xDA,
};

struct dm_jpeg_segment {
    uint8_t marker;
    // Good until the next one is looked for.
    const uint8_t *payload;
    size_t length;
    // Offset behind it.
    uint64_t next;
};

/** Find the next segment at or behind @at; entropy-coded bytes are skipped. False: none is there.
 */
bool dm_jpeg_segment_next(struct dm_source *source, uint64_t at, struct dm_jpeg_segment *ret);

#endif
