// SPDX-License-Identifier: MIT
//
// See jpeg_segment.h.
#include "common/jpeg_segment.h"

#include "common/bytes.h"

#include <string.h>

enum { RST0 = 0xD0, TEM = 0x01 };

static bool stands_alone(uint8_t marker) {
    return marker == TEM || (marker >= RST0 && marker <= DM_JPEG_EOI);
}

/** Find the first marker at or behind *@at, which moves behind it. 0: there is none. */
static uint8_t next_marker(struct dm_source *source, uint64_t *at) {
    bool after_ff = false;
    size_t have;
    const uint8_t *bytes;
    while ((bytes = dm_source_at(source, *at, 1, &have)) != NULL) {
        if (!after_ff) {
            const uint8_t *ff = memchr(bytes, 0xFF, have);
            *at += ff != NULL ? (uint64_t)(ff - bytes) + 1 : have;
            after_ff = ff != NULL;
            continue;
        }
        ++*at;
        if (bytes[0] != 0 && bytes[0] != 0xFF && !(bytes[0] >= RST0 && bytes[0] < DM_JPEG_SOI)) {
            return bytes[0];
        }
        after_ff = bytes[0] == 0xFF;
    }
    return 0;
}

bool dm_jpeg_segment_next(struct dm_source *source, uint64_t at, struct dm_jpeg_segment *ret) {
    uint8_t marker = next_marker(source, &at);
    if (marker == 0) {
        return false;
    }
    *ret = (struct dm_jpeg_segment){.marker = marker, .next = at};
    if (stands_alone(marker)) {
        return true;
    }
    const uint8_t *length = dm_source_at(source, at, 2, NULL);
    size_t bytes = length != NULL ? dm_be16(length) : 0;
    const uint8_t *payload = bytes >= 2 ? dm_source_at(source, at, bytes, NULL) : NULL;
    if (payload == NULL) {
        return false;
    }
    ret->length = bytes - 2;
    ret->payload = payload + 2;
    ret->next = at + bytes;
    return true;
}
