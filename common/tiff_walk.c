// SPDX-License-Identifier: MIT
//
// See tiff_walk.h.
#include "common/tiff_walk.h"

#include "common/bytes.h"

enum { MOST_DIRECTORIES = 65535, ENTRY_BYTES = 12 };

static uint32_t get(const struct dm_tiff *tiff, uint64_t at, unsigned width_bytes) {
    const uint8_t *p = dm_source_at(tiff->source, at, width_bytes, NULL);
    if (p == NULL) {
        return 0;
    }
    switch (width_bytes) {
    case 1:
        return p[0];
    case 2:
        return tiff->big_endian ? dm_be16(p) : dm_le16(p);
    default:
        return tiff->big_endian ? dm_be32(p) : dm_le32(p);
    }
}

static bool open_directory(struct dm_tiff *tiff, uint64_t offset) {
    uint64_t size = tiff->source->size;
    if (offset < 8 || offset > size - 2) {
        return false;
    }
    tiff->entries = get(tiff, offset, 2);
    tiff->ifd = offset + 2;
    return tiff->entries * (uint64_t)ENTRY_BYTES <= size - tiff->ifd;
}

bool dm_tiff_is_big(struct dm_source *source) {
    const uint8_t *start = dm_source_at(source, 0, 4, NULL);
    return start != NULL && start[2] + start[3] == 43;
}

bool dm_tiff_open(struct dm_source *source, struct dm_tiff *ret) {
    const uint8_t *start = dm_source_at(source, 0, 8, NULL);
    if (start == NULL) {
        return false;
    }
    *ret = (struct dm_tiff){.source = source, .big_endian = start[0] == 'M'};
    return open_directory(ret, get(ret, 4, 4));
}

bool dm_tiff_next(struct dm_tiff *tiff, bool *ret_end) {
    uint32_t next = get(tiff, tiff->ifd + tiff->entries * (uint64_t)ENTRY_BYTES, 4);
    *ret_end = next == 0;
    return next == 0 || open_directory(tiff, next);
}

bool dm_tiff_count(struct dm_tiff tiff, int64_t *ret_count) {
    bool end = false;
    for (*ret_count = 1; *ret_count < MOST_DIRECTORIES; ++*ret_count) {
        bool there = dm_tiff_next(&tiff, &end);
        if (end || !there) {
            return there;
        }
    }
    return true; // or a circle, which is the decoder's to tell
}

bool dm_tiff_find(const struct dm_tiff *tiff, unsigned tag, struct dm_tiff_values *ret) {
    static const unsigned widths[] = {[1] = 1, [3] = 2, [4] = 4, [13] = 4};
    for (unsigned i = 0; i < tiff->entries; i++) {
        uint64_t entry = tiff->ifd + i * (uint64_t)ENTRY_BYTES, size = tiff->source->size;
        if (get(tiff, entry, 2) != tag) {
            continue;
        }
        unsigned type = get(tiff, entry + 2, 2);
        unsigned width = type < sizeof(widths) / sizeof(widths[0]) ? widths[type] : 0;
        *ret = (struct dm_tiff_values){.count = get(tiff, entry + 4, 4), .width_bytes = width};
        if (width == 0 || ret->count == 0) {
            return false;
        }
        uint64_t bytes = (uint64_t)ret->count * width;
        ret->at = bytes <= 4 ? entry + 8 : get(tiff, entry + 8, 4);
        return ret->at <= size && bytes <= size - ret->at;
    }
    return false;
}

uint32_t dm_tiff_value(const struct dm_tiff *tiff, const struct dm_tiff_values *values,
                       uint32_t index) {
    return get(tiff, values->at + (uint64_t)index * values->width_bytes, values->width_bytes);
}
