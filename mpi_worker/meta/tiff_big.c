// SPDX-License-Identifier: MIT
//
// See tiff_big.h. A directory: a count of 8 bytes, entries of 20 (tag, type, a count of 8, a value
// or an offset of 8), and the offset of the next. A maker note keeps its offset, as in meta_tiff.c.
#include "mpi_worker/meta/tiff_big.h"

#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/tiff_tags.h"

#include <string.h>

enum { HEADER_BYTES = 8, BIG_HEADER = 16, BIG_ENTRY = 20, NUMBER = 8, ENTRY = DM_EXIF_ENTRY_BYTES };
enum { MOST_PAGES = 65535, MOST_ENTRIES = 4096, FAR_OFFSET = 60000, SLACK_BYTES = 1 << 20 };
enum { LONG8 = 16, SLONG8 = 17, IFD8 = 18 };

/** The file, and the TIFF that is made of it, in the same order of bytes. */
struct narrower {
    struct dm_meta *meta;
    struct dm_exif from, to; // for their bytes, not for their directories
    GByteArray *out;
    size_t note_at;
};

/** An entry of a big directory, whose value lies in the file. */
struct big_entry {
    unsigned tag, type;
    uint32_t count;
    size_t value_at, value_bytes;
};

static uint64_t get64(const struct dm_exif *exif, size_t at) {
    uint64_t first = dm_exif_get32(exif, at), second = dm_exif_get32(exif, at + 4);
    return exif->big_endian ? first << 32 | second : second << 32 | first;
}

static size_t big_type_bytes(unsigned type) {
    return type >= LONG8 && type <= IFD8 ? NUMBER : dm_exif_type_bytes(type);
}

// ---- the file

/** How many whole entries the directory at @at has; 0: there is none. */
static size_t count_entries(const struct dm_exif *from, uint64_t at) {
    if (at < BIG_HEADER || at > from->size || from->size - at < NUMBER) {
        return 0;
    }
    size_t room = (from->size - (size_t)at - NUMBER) / BIG_ENTRY;
    uint64_t count = get64(from, (size_t)at);
    return MIN(MIN(count, room), MOST_ENTRIES);
}

/** Read entry @index. False: its value does not lie in the file. */
static bool read_entry(const struct dm_exif *from, size_t directory, size_t index,
                       struct big_entry *ret) {
    size_t at = directory + NUMBER + index * BIG_ENTRY;
    uint64_t count = get64(from, at + 4), where = get64(from, at + 12);
    *ret = (struct big_entry){dm_exif_get16(from, at), dm_exif_get16(from, at + 2), (uint32_t)count,
                              at + 12, 0};
    size_t width = big_type_bytes(ret->type);
    if (width == 0 || count == 0 || count > from->size / width) {
        return false;
    }
    ret->value_bytes = (size_t)count * width;
    if (ret->value_bytes <= NUMBER) {
        return true;
    }
    ret->value_at = (size_t)where;
    return where <= from->size && ret->value_bytes <= from->size - where;
}

static bool find_entry(const struct dm_exif *from, size_t directory, unsigned tag,
                       struct big_entry *ret) {
    size_t count = count_entries(from, directory);
    for (size_t i = 0; i < count; i++) {
        if (read_entry(from, directory, i, ret) && ret->tag == tag) {
            return true;
        }
    }
    return false;
}

static uint64_t first_number(const struct dm_exif *from, const struct big_entry *entry) {
    switch (big_type_bytes(entry->type)) {
    case 2:
        return dm_exif_get16(from, entry->value_at);
    case 4:
        return dm_exif_get32(from, entry->value_at);
    default:
        return entry->value_bytes >= NUMBER ? get64(from, entry->value_at) : 0;
    }
}

/** Where the directory of tag @pointer lies; 0: nowhere. */
static size_t pointed_at(const struct dm_exif *from, size_t directory, unsigned pointer) {
    struct big_entry entry;
    uint64_t at = find_entry(from, directory, pointer, &entry) ? first_number(from, &entry) : 0;
    return count_entries(from, at) > 0 ? (size_t)at : 0;
}

static bool is_copy(const struct dm_exif *from, size_t directory) {
    struct big_entry type, old_type;
    uint64_t number =
        find_entry(from, directory, DM_TAG_SUBFILE, &type) ? first_number(from, &type) : 0;
    uint64_t old = find_entry(from, directory, DM_TAG_OLD_SUBFILE, &old_type)
                       ? first_number(from, &old_type)
                       : 0;
    return dm_tiff_is_copy(number, old);
}

/** The directory of @page; the first where all are copies. 0: there is none. */
static size_t find_page(const struct dm_exif *from, int page) {
    uint64_t first = get64(from, NUMBER), at = first;
    for (int i = 0; i < MOST_PAGES && count_entries(from, at) > 0; i++) {
        size_t link = (size_t)at + NUMBER + count_entries(from, at) * BIG_ENTRY;
        if (!is_copy(from, (size_t)at) && page-- == 0) {
            return (size_t)at;
        }
        at = from->size - link >= NUMBER ? get64(from, link) : 0;
    }
    return count_entries(from, first) > 0 ? (size_t)first : 0;
}

// ---- what is made of it

/** Make room for @bytes at an even offset. Returns it; 0: it is more than came in. */
static size_t make_room(struct narrower *narrower, size_t bytes) {
    size_t at = (narrower->out->len + 1) & ~(size_t)1;
    if (bytes > narrower->from.size || at + bytes > narrower->from.size + SLACK_BYTES) {
        return 0; // values that lie upon each other
    }
    guint before = narrower->out->len;
    g_byte_array_set_size(narrower->out, (guint)(at + bytes));
    memset(narrower->out->data + before, 0, at + bytes - before);
    narrower->to.data = narrower->out->data;
    narrower->to.size = narrower->out->len;
    return at;
}

/** Numbers of 8 bytes at @at become numbers of 4, where all fit. Returns how many bytes that are.
 */
static size_t halve(struct narrower *narrower, const struct big_entry *entry, size_t at) {
    for (uint32_t i = 0; i < entry->count; i++) {
        uint64_t number = get64(&narrower->from, entry->value_at + (size_t)i * NUMBER);
        bool fits = entry->type == SLONG8
                        ? (int64_t)number >= G_MININT32 && (int64_t)number <= G_MAXINT32
                        : number <= G_MAXUINT32;
        if (!fits) {
            dm_meta_remark(narrower->meta,
                           "tag %u left out of the tiff, as its numbers are too large", entry->tag);
            return 0;
        }
        dm_exif_put32(&narrower->to, at + (size_t)i * 4, (uint32_t)number);
    }
    return (size_t)entry->count * 4;
}

static size_t copy_value(struct narrower *narrower, const struct big_entry *entry, size_t at) {
    if (entry->type >= LONG8) {
        return halve(narrower, entry, at);
    }
    memcpy(narrower->out->data + at, narrower->from.data + entry->value_at, entry->value_bytes);
    return entry->value_bytes;
}

static void put_head(struct narrower *narrower, const struct big_entry *entry, unsigned type,
                     size_t at) {
    dm_exif_put16(&narrower->to, at, entry->tag);
    dm_exif_put16(&narrower->to, at + 2, type);
    dm_exif_put32(&narrower->to, at + 4, entry->count);
}

/** Copy an entry to @at. False: it cannot be, or is not wanted. */
static bool copy_entry(struct narrower *narrower, const struct big_entry *entry, size_t at) {
    static const uint8_t narrow_types[] = {DM_EXIF_LONG, DM_EXIF_SLONG, DM_EXIF_LONG};
    unsigned type = entry->type >= LONG8 ? narrow_types[entry->type - LONG8] : entry->type;
    size_t bytes = (size_t)entry->count * dm_exif_type_bytes(type);
    if (entry->tag == DM_TAG_MAKER_NOTE && entry->value_at == narrower->note_at) {
        put_head(narrower, entry, type, at);
        dm_exif_put32(&narrower->to, at + 8, (uint32_t)narrower->note_at);
        return true;
    }
    size_t value = bytes <= 4 ? at + 8 : make_room(narrower, bytes);
    if (value == 0 || copy_value(narrower, entry, value) == 0) {
        return false;
    }
    put_head(narrower, entry, type, at);
    if (bytes > 4) {
        dm_exif_put32(&narrower->to, at + 8, (uint32_t)value);
    }
    return true;
}

static size_t copy_directory(struct narrower *narrower, size_t directory, unsigned depth);

/** Copy a directory that tag @entry points at, into the entry at @at. */
static bool copy_below(struct narrower *narrower, const struct big_entry *entry, size_t at,
                       unsigned depth) {
    const struct big_entry pointer = {entry->tag, DM_EXIF_LONG, 1, 0, 0};
    uint64_t below = first_number(&narrower->from, entry);
    size_t copy = count_entries(&narrower->from, below) > 0
                      ? copy_directory(narrower, (size_t)below, depth + 1)
                      : 0;
    if (copy > 0) {
        put_head(narrower, &pointer, DM_EXIF_LONG, at);
        dm_exif_put32(&narrower->to, at + 8, (uint32_t)copy);
    }
    return copy > 0;
}

/** Whether a tag of a directory @depth below the first points at another. */
static bool is_pointer(unsigned tag, unsigned depth) {
    return depth == 0 ? tag == DM_TAG_EXIF || tag == DM_TAG_GPS
                      : depth == 1 && tag == DM_TAG_INTEROP;
}

/** Where the pixels lie. */
static bool is_place_of_pixels(unsigned tag) {
    return tag == DM_TAG_STRIPS || tag == DM_TAG_STRIP_BYTES || tag == DM_TAG_TILES ||
           tag == DM_TAG_TILE_BYTES;
}

/** Copy a directory, with what it points at. Returns its offset; 0: nothing is in it. */
static size_t copy_directory(struct narrower *narrower, size_t directory, unsigned depth) {
    size_t count = count_entries(&narrower->from, directory), copied = 0;
    size_t start = make_room(narrower, 2 + count * ENTRY + 4);
    for (size_t i = 0; start > 0 && i < count; i++) {
        struct big_entry entry;
        size_t at = start + 2 + copied * ENTRY;
        if (read_entry(&narrower->from, directory, i, &entry) &&
            !(depth == 0 && is_place_of_pixels(entry.tag)) &&
            (is_pointer(entry.tag, depth) ? copy_below(narrower, &entry, at, depth)
                                          : copy_entry(narrower, &entry, at))) {
            copied++;
        }
    }
    if (copied > 0) {
        dm_exif_put16(&narrower->to, start, (uint32_t)copied);
    }
    return copied > 0 ? start : 0;
}

/** The one value that stays where it is, if it lies near enough to the beginning. */
static void keep_maker_note(struct narrower *narrower, size_t directory) {
    size_t exif = pointed_at(&narrower->from, directory, DM_TAG_EXIF);
    struct big_entry note;
    if (exif > 0 && find_entry(&narrower->from, exif, DM_TAG_MAKER_NOTE, &note) &&
        note.type < LONG8 && note.value_bytes > NUMBER && note.value_at >= HEADER_BYTES &&
        note.value_at + note.value_bytes <= FAR_OFFSET) {
        narrower->note_at = note.value_at;
        make_room(narrower, note.value_at + note.value_bytes - HEADER_BYTES);
        memcpy(narrower->out->data + note.value_at, narrower->from.data + note.value_at,
               note.value_bytes);
    }
}

GByteArray *dm_tiff_big_narrow(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    bool little = size >= BIG_HEADER && memcmp(data, "II\x2B\0\x8\0\0", 8) == 0;
    bool big = size >= BIG_HEADER && memcmp(data, "MM\0\x2B\0\x8\0", 8) == 0;
    if (!little && !big) {
        return NULL;
    }
    struct narrower narrower = {.meta = meta, .out = g_byte_array_new()};
    narrower.from = (struct dm_exif){.data = (uint8_t *)data, .size = size, .big_endian = big};
    narrower.to.big_endian = big;
    size_t directory = find_page(&narrower.from, page);
    make_room(&narrower, HEADER_BYTES);
    keep_maker_note(&narrower, directory);
    size_t first = directory > 0 ? copy_directory(&narrower, directory, 0) : 0;
    if (first == 0) {
        g_byte_array_unref(narrower.out);
        return NULL;
    }
    memcpy(narrower.out->data, big ? "MM\0*" : "II*\0", 4);
    dm_exif_put32(&narrower.to, 4, (uint32_t)first);
    return narrower.out;
}
