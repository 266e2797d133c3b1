// SPDX-License-Identifier: MIT
//
// See ending.h. To add a format: its function, and a row in `formats`.
#include "common/ending.h"

#include "common/bytes.h"
#include "common/jpeg_segment.h"
#include "common/tiff_walk.h"

#include <string.h>

#define TAIL_BYTES 65536
// More chunks than this are not hopped over on a disk.
#define HOPS_MAX 4096

static enum dm_ending there_if(bool there) {
    return there ? DM_ENDING_THERE : DM_ENDING_MISSING;
}

// ---- JPEG

/**
 * Whether the last 4 bytes are an end: an EOI, or what Samsung's phones end data of their own with,
 * in front of which some leave the EOI out.
 */
static bool is_jpeg_end(const uint8_t *last) {
    return (last[2] == 0xFF && last[3] == DM_JPEG_EOI) || memcmp(last, "SEFT", 4) == 0;
}

static bool ends_as_jpeg(struct dm_source *source) {
    const uint8_t *last =
        source->size >= 4 ? dm_source_at(source, source->size - 4, 4, NULL) : NULL;
    return last != NULL && is_jpeg_end(last);
}

/** Look for an end in the last bytes of a large file, behind @at, where a scan has begun. */
static bool has_end_in_tail(struct dm_source *source, uint64_t at) {
    static const uint8_t eoi[] = {0xFF, DM_JPEG_EOI};
    if (source->data != NULL || source->size < at + TAIL_BYTES) {
        return false; // the walk is as good
    }
    const uint8_t *tail = dm_source_at(source, source->size - TAIL_BYTES, TAIL_BYTES, NULL);
    return tail != NULL && (memmem(tail, TAIL_BYTES, eoi, sizeof(eoi)) != NULL ||
                            is_jpeg_end(tail + TAIL_BYTES - 4));
}

enum dm_ending dm_ending_jpeg(struct dm_source *source) {
    struct dm_jpeg_segment segment = {.next = 2};
    bool in_scan = false;
    while (dm_jpeg_segment_next(source, segment.next, &segment)) {
        if (segment.marker == DM_JPEG_EOI) {
            return DM_ENDING_THERE;
        }
        if (segment.marker == DM_JPEG_SOS && !in_scan) {
            in_scan = true;
            if (has_end_in_tail(source, segment.next)) {
                return DM_ENDING_THERE;
            }
        }
    }
    // A damaged length may have led past the end, which is there all the same. (Of a file that
    // still grows it may be a thumbnail's.)
    return there_if((in_scan || source->data != NULL) && ends_as_jpeg(source));
}

// ---- PNG: 8 bytes, then chunks: length, name, data, CRC

static bool ends_with_iend(struct dm_source *source) {
    static const char iend[] = "\0\0\0\0IEND\xAE\x42\x60\x82";
    size_t bytes = sizeof(iend) - 1;
    const uint8_t *last =
        source->size > 33 + bytes ? dm_source_at(source, source->size - bytes, bytes, NULL) : NULL;
    return last != NULL && memcmp(last, iend, bytes) == 0;
}

enum dm_ending dm_ending_png(struct dm_source *source) {
    if (source->data == NULL && ends_with_iend(source)) {
        return DM_ENDING_THERE;
    }
    uint64_t at = 8;
    const uint8_t *chunk;
    for (int i = 0; (chunk = dm_source_at(source, at, 12, NULL)) != NULL; i++) {
        if (memcmp(chunk + 4, "IEND", 4) == 0) {
            return DM_ENDING_THERE;
        }
        if (source->data == NULL && i == HOPS_MAX) {
            break;
        }
        at += 12 + (uint64_t)dm_be32(chunk);
    }
    return DM_ENDING_MISSING;
}

// ---- GIF: header, then blocks, each a tail of sub-blocks

static uint64_t colour_table_bytes(uint8_t flags) {
    return (flags & 0x80) ? (uint64_t)3 << ((flags & 7) + 1) : 0;
}

/** Skip length-prefixed sub-blocks. Returns the offset behind the empty one, or the size. */
static uint64_t skip_sub_blocks(struct dm_source *source, uint64_t at) {
    const uint8_t *length;
    while ((length = dm_source_at(source, at, 1, NULL)) != NULL && *length != 0) {
        at += 1 + (uint64_t)*length;
    }
    return length != NULL ? at + 1 : source->size;
}

/** The block at @at: returns where the next one is; @at: this is the trailer; 0: it is none. */
static uint64_t next_block(struct dm_source *source, uint64_t at) {
    const uint8_t *block = dm_source_at(source, at, 1, NULL);
    if (block == NULL || *block == 0x3B) {
        return block != NULL ? at : 0;
    }
    if (*block == 0x21) {
        return skip_sub_blocks(source, at + 2);
    }
    const uint8_t *image = *block == 0x2C ? dm_source_at(source, at, 11, NULL) : NULL;
    return image != NULL ? skip_sub_blocks(source, at + 11 + colour_table_bytes(image[9])) : 0;
}

static bool ends_with_trailer(struct dm_source *source) {
    source->budget_bytes += TAIL_BYTES; // what was set aside has been used up
    const uint8_t *last = dm_source_at(source, source->size - 2, 2, NULL);
    return last != NULL && last[0] == 0 && last[1] == 0x3B;
}

enum dm_ending dm_ending_gif(struct dm_source *source) {
    const uint8_t *header = dm_source_at(source, 0, 13, NULL);
    uint64_t at = header != NULL ? 13 + colour_table_bytes(header[10]) : 0;
    uint64_t next = at > 0 ? next_block(source, at) : 0;
    while (next > at) {
        at = next;
        next = next_block(source, at);
    }
    if (next == 0 && source->spent) {
        return there_if(ends_with_trailer(source));
    }
    return there_if(next > 0);
}

// ---- RIFF: one chunk that says how long it is

enum dm_ending dm_ending_riff(struct dm_source *source) {
    const uint8_t *header = dm_source_at(source, 0, 12, NULL);
    return there_if(header != NULL && (uint64_t)dm_le32(header + 4) + 8 <= source->size);
}

// ---- ISO media files: boxes: length, name, content

/** The length of the box at @at; 0: it is as long as the file; 1: it is none. */
static uint64_t box_bytes(struct dm_source *source, uint64_t at) {
    const uint8_t *box = dm_source_at(source, at, 8, NULL);
    uint64_t bytes = box != NULL ? dm_be32(box) : 1;
    if (bytes != 1) {
        return bytes == 0 || (bytes >= 8 && bytes <= source->size - at) ? bytes : 1;
    }
    box = dm_source_at(source, at, 16, NULL);
    bytes = box != NULL ? (uint64_t)dm_be32(box + 8) << 32 | dm_be32(box + 12) : 1;
    return bytes >= 8 && bytes <= source->size - at ? bytes : 1;
}

enum dm_ending dm_ending_boxes(struct dm_source *source) {
    uint64_t at = 0, bytes;
    while ((bytes = box_bytes(source, at)) > 1) {
        at += bytes;
    }
    return bytes == 0 ? DM_ENDING_UNKNOWN : there_if(at == source->size);
}

// ---- TIFF: directories of pieces: strips or tiles

enum { SUBFILE_TYPE = 254, OLD_SUBFILE_TYPE = 255, REDUCED = 1, MASK = 4, OLD_REDUCED = 2 };
enum { STRIP_OFFSETS = 273, STRIP_COUNTS = 279, TILE_OFFSETS = 324, TILE_COUNTS = 325 };
enum { MOST_PAGES = 4096 };

/** Values that are looked at in all directories together: a circle of them has no end. */
enum { MOST_VALUES = 4000000, AT_ONCE = 256 };

/**
 * Say whether the @count pieces from @first on lie within the file. Of each array so many values
 * are read in a row that a window over the file need not go to and fro.
 */
static bool are_within(const struct dm_tiff *tiff, const struct dm_tiff_values *offsets,
                       const struct dm_tiff_values *counts, uint32_t first, uint32_t count) {
    uint32_t begins[AT_ONCE];
    for (uint32_t i = 0; i < count; i++) {
        begins[i] = dm_tiff_value(tiff, offsets, first + i);
    }
    for (uint32_t i = 0; i < count; i++) {
        if ((uint64_t)begins[i] + dm_tiff_value(tiff, counts, first + i) > tiff->source->size) {
            return false;
        }
    }
    return true;
}

/** Say whether all that the arrays @offsets_tag and @counts_tag point at lies within the file. */
static bool data_is_there(const struct dm_tiff *tiff, unsigned offsets_tag, unsigned counts_tag,
                          uint32_t *left) {
    struct dm_tiff_values offsets, counts;
    if (!dm_tiff_find(tiff, offsets_tag, &offsets) || !dm_tiff_find(tiff, counts_tag, &counts)) {
        return false;
    }
    uint32_t count = offsets.count < counts.count ? offsets.count : counts.count;
    count = count < *left ? count : *left;
    *left -= count;
    for (uint32_t i = 0; i < count; i += AT_ONCE) {
        uint32_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        if (!are_within(tiff, &offsets, &counts, i, some)) {
            return false;
        }
    }
    return true;
}

static bool directory_is_whole(const struct dm_tiff *tiff, uint32_t *left) {
    return data_is_there(tiff, STRIP_OFFSETS, STRIP_COUNTS, left) ||
           data_is_there(tiff, TILE_OFFSETS, TILE_COUNTS, left);
}

/** Say whether there is room for what stands behind the entries: where the next directory is. */
static bool has_link(const struct dm_tiff *tiff) {
    return tiff->ifd + tiff->entries * UINT64_C(12) + 4 <= tiff->source->size;
}

static uint32_t first_value(const struct dm_tiff *tiff, unsigned tag) {
    struct dm_tiff_values values;
    return dm_tiff_find(tiff, tag, &values) ? dm_tiff_value(tiff, &values, 0) : 0;
}

/** Say whether it is only there for another one: a reduced copy, or a mask. */
static bool is_copy(const struct dm_tiff *tiff) {
    uint32_t type = first_value(tiff, SUBFILE_TYPE);
    return type != 0 ? (type & (REDUCED | MASK)) != 0
                     : first_value(tiff, OLD_SUBFILE_TYPE) == OLD_REDUCED;
}

/** Go on to the first page; where there are only copies, stay. False: the file ends before. */
static bool go_to_page(struct dm_tiff *tiff) {
    struct dm_tiff at = *tiff;
    bool end = false;
    for (int i = 0; !end && i < MOST_PAGES; i++) {
        if (!is_copy(&at)) {
            *tiff = at;
            return true;
        }
        if (!has_link(&at) || !dm_tiff_next(&at, &end)) {
            return false;
        }
    }
    return true;
}

enum dm_ending dm_ending_tiff(struct dm_source *source) {
    struct dm_tiff tiff;
    uint32_t left = MOST_VALUES;
    if (dm_tiff_is_big(source)) {
        return DM_ENDING_UNKNOWN;
    }
    bool there =
        dm_tiff_open(source, &tiff) && go_to_page(&tiff) && directory_is_whole(&tiff, &left);
    return source->spent ? DM_ENDING_UNKNOWN : there_if(there);
}

static bool next_is_whole(struct dm_tiff *tiff, uint32_t *left, bool *ret_end) {
    return has_link(tiff) && dm_tiff_next(tiff, ret_end) &&
           (*ret_end || directory_is_whole(tiff, left));
}

enum dm_ending dm_ending_tiff_pages(struct dm_source *source) {
    struct dm_tiff tiff;
    uint32_t left = MOST_VALUES;
    if (dm_tiff_is_big(source)) {
        return DM_ENDING_UNKNOWN;
    }
    bool there = dm_tiff_open(source, &tiff) && directory_is_whole(&tiff, &left), end = false;
    for (int i = 0; there && !end && i < MOST_PAGES && left > 0; i++) {
        there = next_is_whole(&tiff, &left, &end);
    }
    return source->spent ? DM_ENDING_UNKNOWN : there_if(there);
}

// ---- any

/** By the first bytes. */
static const struct {
    size_t offset;
    const char *magic;
    size_t length;
    enum dm_ending (*ending)(struct dm_source *source);
    bool grows;
} formats[] = {
#define MAGIC(offset, bytes) (offset), (bytes), sizeof(bytes) - 1
    {MAGIC(0, "\xFF\xD8\xFF"), dm_ending_jpeg, false},
    {MAGIC(0, "\x89PNG\r\n\x1A\n"), dm_ending_png, false},
    {MAGIC(0, "GIF8"), dm_ending_gif, false},
    {MAGIC(0, "RIFF"), dm_ending_riff, false},
    {MAGIC(0, "II*\0"), dm_ending_tiff_pages, true},
    {MAGIC(0, "MM\0*"), dm_ending_tiff_pages, true},
    {MAGIC(0, "II+\0"), dm_ending_tiff_pages, true},
    {MAGIC(0, "MM\0+"), dm_ending_tiff_pages, true},
    {MAGIC(4, "ftyp"), dm_ending_boxes, false},
#undef MAGIC
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]), MAGIC_END = 8 };

struct dm_ending_look dm_ending_look(struct dm_source *source) {
    const uint8_t *start = dm_source_at(source, 0, MAGIC_END, NULL);
    if (start == NULL) {
        bool is_short = source->size < MAGIC_END;
        return (struct dm_ending_look){is_short ? DM_ENDING_MISSING : DM_ENDING_UNKNOWN, false};
    }
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (memcmp(start + formats[i].offset, formats[i].magic, formats[i].length) == 0) {
            return (struct dm_ending_look){formats[i].ending(source), formats[i].grows};
        }
    }
    return (struct dm_ending_look){DM_ENDING_UNKNOWN, false};
}
