// SPDX-License-Identifier: MIT
//
// The headers of PNG, GIF and WebP: each a few fixed offsets, perhaps a walk over chunks.
#include "common/bytes.h"
#include "mpi_worker/codec/scan.h"

#include <string.h>

// ---- PNG: 8 bytes, then chunks, the first of them IHDR

/** Of an animation, which says that it is one before its first picture data; else 0. */
static int64_t count_frames(const uint8_t *data, size_t size) {
    bool moves = false;
    int64_t frames = 0;
    for (size_t at = 8; at + 12 <= size; at += 12 + (size_t)dm_be32(data + at)) {
        moves = moves || memcmp(data + at + 4, "acTL", 4) == 0;
        frames += memcmp(data + at + 4, "fcTL", 4) == 0;
        if (!moves && memcmp(data + at + 4, "IDAT", 4) == 0) {
            return 0;
        }
    }
    return moves ? frames : 0;
}

bool dm_scan_png(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    if (size < 33 || memcmp(data + 12, "IHDR", 4) != 0) {
        return false;
    }
    ret->width_px = dm_be32(data + 16);
    ret->height_px = dm_be32(data + 20);
    ret->depth_bits = data[24];
    ret->palette = data[25] == 3;
    ret->pages = count_frames(data, size);
    return true;
}

// ---- GIF: header, then blocks, each a tail of sub-blocks

static size_t colour_table_bytes(uint8_t flags) {
    return (flags & 0x80) ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/** Skip length-prefixed sub-blocks. Returns the offset behind the empty one, or @size. */
static size_t skip_sub_blocks(const uint8_t *data, size_t size, size_t at) {
    while (at < size && data[at] != 0) {
        at += 1 + (size_t)data[at];
    }
    return at < size ? at + 1 : size;
}

static int64_t count_pictures(const uint8_t *data, size_t size) {
    size_t at = 13 + colour_table_bytes(data[10]);
    int64_t count = 0;
    while (at < size) {
        if (data[at] == 0x21) {
            at = skip_sub_blocks(data, size, at + 2);
        } else if (data[at] == 0x2C && at + 10 < size) {
            count++;
            at = skip_sub_blocks(data, size, at + 11 + colour_table_bytes(data[at + 9]));
        } else {
            break;
        }
    }
    return count;
}

bool dm_scan_gif(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    if (size < 13) {
        return false;
    }
    ret->width_px = dm_le16(data + 6);
    ret->height_px = dm_le16(data + 8);
    ret->pages = count_pictures(data, size);
    return true;
}

// ---- WebP: one RIFF chunk that says how long it is

/** Behind VP8X the pictures are further chunks; those of an animation lie within ANMF chunks. */
static void scan_chunks(const uint8_t *data, size_t size, struct dm_header *ret) {
    size_t at = 12;
    while (at + 8 <= size) {
        bool frame = memcmp(data + at, "ANMF", 4) == 0 && at + 28 <= size;
        ret->pages += frame;
        ret->lossless |= memcmp(data + (frame ? at + 24 : at), "VP8L", 4) == 0;
        at += 8 + (((size_t)dm_le32(data + at + 4) + 1) & ~(size_t)1);
    }
}

bool dm_scan_webp(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    if (size < 30) {
        return false;
    }
    if (memcmp(data + 12, "VP8X", 4) == 0) {
        ret->width_px = (int64_t)dm_le24(data + 24) + 1;
        ret->height_px = (int64_t)dm_le24(data + 27) + 1;
        scan_chunks(data, size, ret);
    } else if (memcmp(data + 12, "VP8L", 4) == 0) {
        uint32_t bits = dm_le32(data + 21);
        ret->width_px = (bits & 0x3FFF) + 1;
        ret->height_px = (bits >> 14 & 0x3FFF) + 1;
        ret->lossless = true;
    } else if (memcmp(data + 12, "VP8 ", 4) == 0) {
        ret->width_px = dm_le16(data + 26) & 0x3FFF;
        ret->height_px = dm_le16(data + 28) & 0x3FFF;
    } else {
        return false;
    }
    return true;
}
