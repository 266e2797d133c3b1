// SPDX-License-Identifier: MIT
//
// The first directory of a TIFF: its size, whether it is a camera's raw file in disguise (DNG, NEF,
// ARW, CR2: the first directory is then a small preview, and decoding it would hand back a
// thumbnail), whether the strips or tiles it points at are there, and all further directories,
// which libtiff takes for the end when they are not. BigTIFF is left to its decoder.
#include "mpi_worker/codec/scan.h"
#include "mpi_worker/meta/bytes.h"

#include <string.h>

enum { TAG_SUBFILE_TYPE = 254, TAG_WIDTH = 256, TAG_HEIGHT = 257, TAG_SUB_IFDS = 330 };
enum { TAG_STRIP_OFFSETS = 273, TAG_STRIP_COUNTS = 279, TAG_TILE_OFFSETS = 324 };
enum { TAG_TILE_COUNTS = 325, TAG_DNG_VERSION = 50706 };
enum { MOST_DIRECTORIES = 65535 };

struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
    size_t ifd; // offset of the first entry
    unsigned entries;
};

/** An array that an entry describes: where it lies, how many values of which width. */
struct values {
    size_t at;
    uint32_t count;
    unsigned width_bytes; // 2 or 4
};

static uint32_t get16(const struct tiff *tiff, size_t at) {
    return tiff->big_endian ? dm_be16(tiff->data + at) : dm_le16(tiff->data + at);
}

static uint32_t get32(const struct tiff *tiff, size_t at) {
    return tiff->big_endian ? dm_be32(tiff->data + at) : dm_le32(tiff->data + at);
}

/** Go to the directory at @offset; false: it is not there. */
static bool open_directory(struct tiff *tiff, size_t offset) {
    if (offset < 8 || offset > tiff->size - 2) {
        return false;
    }
    tiff->entries = get16(tiff, offset);
    tiff->ifd = offset + 2;
    return tiff->entries * (size_t)12 <= tiff->size - tiff->ifd;
}

static bool open_tiff(const uint8_t *data, size_t size, struct tiff *ret) {
    if (size < 8) {
        return false;
    }
    *ret = (struct tiff){.data = data, .size = size, .big_endian = data[0] == 'M'};
    return open_directory(ret, get32(ret, 4));
}

/** Count the directories. False: one that another announces does not lie within the file. */
static bool walk_directories(struct tiff tiff, int64_t *ret_count) {
    for (*ret_count = 1; *ret_count < MOST_DIRECTORIES; ++*ret_count) {
        size_t link = tiff.ifd + tiff.entries * (size_t)12;
        uint32_t next = link + 4 <= tiff.size ? get32(&tiff, link) : 0;
        if (next == 0) {
            return true;
        }
        if (!open_directory(&tiff, next)) {
            return false;
        }
    }
    return true; // or a circle, which is the decoder's to tell
}

static bool is_big_tiff(const uint8_t *data, size_t size) {
    return size >= 4 && data[2] + data[3] == 43;
}

/** Find @tag of type BYTE, SHORT, LONG or IFD; values of other types count as absent. */
static bool find(const struct tiff *tiff, unsigned tag, struct values *ret) {
    static const unsigned widths[] = {[1] = 1, [3] = 2, [4] = 4, [13] = 4};
    for (unsigned i = 0; i < tiff->entries; i++) {
        size_t entry = tiff->ifd + i * (size_t)12;
        if (get16(tiff, entry) != tag) {
            continue;
        }
        unsigned type = get16(tiff, entry + 2);
        unsigned width = type < sizeof(widths) / sizeof(widths[0]) ? widths[type] : 0;
        *ret = (struct values){.count = get32(tiff, entry + 4), .width_bytes = width};
        if (width == 0 || ret->count == 0) {
            return false;
        }
        uint64_t bytes = (uint64_t)ret->count * width;
        ret->at = bytes <= 4 ? entry + 8 : get32(tiff, entry + 8);
        return ret->at <= tiff->size && bytes <= tiff->size - ret->at;
    }
    return false;
}

static uint32_t value(const struct tiff *tiff, const struct values *values, uint32_t index) {
    size_t at = values->at + (size_t)index * values->width_bytes;
    if (values->width_bytes == 1) {
        return tiff->data[at];
    }
    return values->width_bytes == 2 ? get16(tiff, at) : get32(tiff, at);
}

static uint32_t first_value(const struct tiff *tiff, unsigned tag) {
    struct values values;
    return find(tiff, tag, &values) ? value(tiff, &values, 0) : 0;
}

static bool is_camera_raw(const struct tiff *tiff) {
    struct values values;
    if (tiff->size > 10 && memcmp(tiff->data + 8, "CR", 2) == 0) {
        return true;
    }
    bool preview = first_value(tiff, TAG_SUBFILE_TYPE) & 1;
    return find(tiff, TAG_DNG_VERSION, &values) || (preview && find(tiff, TAG_SUB_IFDS, &values));
}

bool dm_scan_tiff(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    struct tiff tiff;
    if (is_big_tiff(data, size)) {
        return true;
    }
    if (!open_tiff(data, size, &tiff)) {
        return false;
    }
    ret->width_px = first_value(&tiff, TAG_WIDTH);
    ret->height_px = first_value(&tiff, TAG_HEIGHT);
    ret->camera_raw = is_camera_raw(&tiff);
    ret->cut_short = !walk_directories(tiff, &ret->pages);
    return true;
}

/** Say whether all that the arrays @offsets_tag and @counts_tag point at lies within the file. */
static bool data_is_there(const struct tiff *tiff, unsigned offsets_tag, unsigned counts_tag) {
    struct values offsets, counts;
    if (!find(tiff, offsets_tag, &offsets) || !find(tiff, counts_tag, &counts)) {
        return false;
    }
    uint32_t count = offsets.count < counts.count ? offsets.count : counts.count;
    for (uint32_t i = 0; i < count; i++) {
        if ((uint64_t)value(tiff, &offsets, i) + value(tiff, &counts, i) > tiff->size) {
            return false;
        }
    }
    return true;
}

bool dm_whole_tiff(const uint8_t *data, size_t size) {
    struct tiff tiff;
    if (is_big_tiff(data, size)) {
        return true;
    }
    return open_tiff(data, size, &tiff) &&
           (data_is_there(&tiff, TAG_STRIP_OFFSETS, TAG_STRIP_COUNTS) ||
            data_is_there(&tiff, TAG_TILE_OFFSETS, TAG_TILE_COUNTS));
}
