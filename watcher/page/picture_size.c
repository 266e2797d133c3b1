// SPDX-License-Identifier: MIT
//
// See picture_size.h. PNG: the first chunk, after the signature, is IHDR. JPEG: ITU-T T.81, B.2.2.
#include "watcher/page/picture_size.h"

#include "common/bytes.h"
#include "common/jpeg_segment.h"

#include <string.h>

enum {
    PNG_WIDTH_AT = 16,
    PNG_HEIGHT_AT = 20,
    PNG_NEED = 24,
    SOF_HEIGHT_AT = 1,
    SOF_WIDTH_AT = 3,
    SOF_NEED = 5,
};

static bool from_png(const uint8_t *data, size_t size, struct dm_extent *ret) {
    static const uint8_t head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    if (size < PNG_NEED || memcmp(data, head, sizeof(head) - 1) != 0) {
        return false;
    }
    uint32_t width = dm_be32(data + PNG_WIDTH_AT), height = dm_be32(data + PNG_HEIGHT_AT);
    *ret = (struct dm_extent){(int)(width & INT32_MAX), (int)(height & INT32_MAX)};
    return true;
}

/** A start of frame; C4, C8 and CC, between them, are something else. */
static bool is_frame(uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool from_jpeg(const uint8_t *data, size_t size, struct dm_extent *ret) {
    struct dm_source source = dm_source_memory(data, size);
    struct dm_jpeg_segment segment;
    bool found = false;
    bool more = size > 2 && data[0] == 0xFF && data[1] == DM_JPEG_SOI;
    for (uint64_t at = 2; more && !found; at = segment.next) {
        more = dm_jpeg_segment_next(&source, at, &segment) && segment.marker != DM_JPEG_SOS;
        if (more && is_frame(segment.marker) && segment.length >= SOF_NEED) {
            *ret = (struct dm_extent){(int)dm_be16(segment.payload + SOF_WIDTH_AT),
                                      (int)dm_be16(segment.payload + SOF_HEIGHT_AT)};
            found = true;
        }
    }
    dm_source_clear(&source);
    return found;
}

bool dm_picture_size(const uint8_t *data, size_t size, struct dm_extent *ret) {
    struct dm_extent found = {0};
    if ((!from_png(data, size, &found) && !from_jpeg(data, size, &found)) || found.width < 1 ||
        found.height < 1) {
        return false;
    }
    *ret = found;
    return true;
}
