// SPDX-License-Identifier: MIT
//
// See exif.h. Directories are reached by four fixed links, so none can lead in a circle.
#include "mpi_worker/meta/exif.h"

#include "common/bytes.h"

#include <math.h>
#include <string.h>

enum { HEADER_BYTES = 8, TAG_EXIF = 0x8769, TAG_GPS = 0x8825, TAG_INTEROP = 0xA005 };
enum { THUMBNAIL_AT = 0x201, THUMBNAIL_BYTES = 0x202, STRIPS_AT = 0x111, STRIPS_BYTES = 0x117 };

uint32_t dm_exif_get16(const struct dm_exif *exif, size_t at) {
    return exif->big_endian ? dm_be16(exif->data + at) : dm_le16(exif->data + at);
}

uint32_t dm_exif_get32(const struct dm_exif *exif, size_t at) {
    return exif->big_endian ? dm_be32(exif->data + at) : dm_le32(exif->data + at);
}

void dm_exif_put16(struct dm_exif *exif, size_t at, uint32_t value) {
    if (exif->big_endian) {
        dm_put_be16(exif->data + at, value);
    } else {
        dm_put_le16(exif->data + at, value);
    }
}

void dm_exif_put32(struct dm_exif *exif, size_t at, uint32_t value) {
    if (exif->big_endian) {
        dm_put_be32(exif->data + at, value);
    } else {
        dm_put_le32(exif->data + at, value);
    }
}

size_t dm_exif_type_bytes(unsigned type) {
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    return type < sizeof(sizes) ? sizes[type] : 0;
}

// ---- directories

/** Take @offset as a directory, if one begins there. */
static void set_directory(struct dm_exif *exif, enum dm_exif_directory directory, size_t offset) {
    if (offset >= HEADER_BYTES && offset + 2 <= exif->size) {
        exif->directories[directory] = offset;
    }
}

/** The same, unless its first entry is none: then the link leads into something else. */
static void set_if_sound(struct dm_exif *exif, enum dm_exif_directory directory, size_t offset) {
    set_directory(exif, directory, offset);
    if (exif->directories[directory] != 0 && dm_exif_count(exif, directory) > 0 &&
        dm_exif_type_bytes(dm_exif_get16(exif, offset + 4)) == 0) {
        exif->directories[directory] = 0;
    }
}

static void follow(struct dm_exif *exif, enum dm_exif_directory from, unsigned tag,
                   enum dm_exif_directory to) {
    struct dm_exif_entry entry;
    if (dm_exif_find(exif, from, tag, &entry) && entry.value_bytes == 4) {
        set_if_sound(exif, to, dm_exif_get32(exif, entry.value_at));
    }
}

/** Where a directory's link to the next one lies; 0: nowhere. */
static size_t link_at(const struct dm_exif *exif, enum dm_exif_directory directory) {
    size_t at = exif->directories[directory];
    if (at == 0) {
        return 0;
    }
    at += 2 + (size_t)dm_exif_get16(exif, at) * DM_EXIF_ENTRY_BYTES;
    return at + 4 <= exif->size ? at : 0;
}

bool dm_exif_open(struct dm_exif *exif, uint8_t *data, size_t size) {
    *exif = (struct dm_exif){.data = data, .size = size};
    if (size < HEADER_BYTES || size > G_MAXUINT32 / 2 ||
        (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0)) {
        return false;
    }
    exif->big_endian = data[0] == 'M';
    return dm_exif_open_at(exif, dm_exif_get32(exif, 4));
}

bool dm_exif_open_at(struct dm_exif *exif, size_t offset) {
    memset(exif->directories, 0, sizeof(exif->directories));
    set_directory(exif, DM_EXIF_IFD0, offset);
    follow(exif, DM_EXIF_IFD0, TAG_EXIF, DM_EXIF_EXIF);
    follow(exif, DM_EXIF_IFD0, TAG_GPS, DM_EXIF_GPS);
    follow(exif, DM_EXIF_EXIF, TAG_INTEROP, DM_EXIF_INTEROP);
    size_t link = link_at(exif, DM_EXIF_IFD0);
    if (link > 0) {
        set_if_sound(exif, DM_EXIF_IFD1, dm_exif_get32(exif, link));
    }
    return exif->directories[DM_EXIF_IFD0] != 0;
}

unsigned dm_exif_count(const struct dm_exif *exif, enum dm_exif_directory directory) {
    size_t at = exif->directories[directory];
    if (at == 0) {
        return 0;
    }
    size_t room = (exif->size - at - 2) / DM_EXIF_ENTRY_BYTES;
    unsigned count = dm_exif_get16(exif, at);
    return count < room ? count : (unsigned)room;
}

// ---- entries

bool dm_exif_entry(const struct dm_exif *exif, enum dm_exif_directory directory, unsigned index,
                   struct dm_exif_entry *ret) {
    size_t at = exif->directories[directory] + 2 + (size_t)index * DM_EXIF_ENTRY_BYTES;
    *ret = (struct dm_exif_entry){.directory = directory, .at = at};
    ret->type = dm_exif_get16(exif, at + 2);
    ret->count = dm_exif_get32(exif, at + 4);
    ret->value_bytes = dm_exif_type_bytes(ret->type) * (size_t)ret->count;
    ret->value_at = ret->value_bytes <= 4 ? at + 8 : dm_exif_get32(exif, at + 8);
    return ret->value_bytes > 0 && ret->value_at <= exif->size &&
           ret->value_bytes <= exif->size - ret->value_at;
}

bool dm_exif_find(const struct dm_exif *exif, enum dm_exif_directory directory, unsigned tag,
                  struct dm_exif_entry *ret) {
    unsigned count = dm_exif_count(exif, directory);
    for (unsigned i = 0; i < count; i++) {
        size_t at = exif->directories[directory] + 2 + (size_t)i * DM_EXIF_ENTRY_BYTES;
        if (dm_exif_get16(exif, at) == tag) {
            return dm_exif_entry(exif, directory, i, ret);
        }
    }
    return false;
}

int64_t dm_exif_number(const struct dm_exif *exif, const struct dm_exif_entry *entry,
                       uint32_t index, int64_t otherwise) {
    size_t at = entry->value_at;
    if (index >= entry->count) {
        return otherwise;
    }
    switch (entry->type) {
    case DM_EXIF_BYTE:
        return exif->data[at + index];
    case DM_EXIF_SHORT:
        return dm_exif_get16(exif, at + 2 * (size_t)index);
    case DM_EXIF_LONG:
    case DM_EXIF_IFD:
        return dm_exif_get32(exif, at + 4 * (size_t)index);
    default:
        return otherwise;
    }
}

bool dm_exif_set_number(struct dm_exif *exif, struct dm_exif_entry *entry, uint32_t index,
                        uint32_t value) {
    if (entry->type == DM_EXIF_SHORT && entry->count == 1 && value > G_MAXUINT16) {
        dm_exif_put16(exif, entry->at + 2, DM_EXIF_LONG); // its value has four bytes in the entry
        entry->type = DM_EXIF_LONG;
        entry->value_bytes = 4;
    }
    if (index >= entry->count) {
        return false;
    }
    if (entry->type == DM_EXIF_SHORT && value <= G_MAXUINT16) {
        dm_exif_put16(exif, entry->value_at + 2 * (size_t)index, value);
        return true;
    }
    if (entry->type == DM_EXIF_LONG) {
        dm_exif_put32(exif, entry->value_at + 4 * (size_t)index, value);
        return true;
    }
    return false;
}

double dm_exif_rational(const struct dm_exif *exif, const struct dm_exif_entry *entry) {
    if (entry->type != DM_EXIF_RATIONAL) {
        return 0;
    }
    double below = dm_exif_get32(exif, entry->value_at + 4);
    return below > 0 ? dm_exif_get32(exif, entry->value_at) / below : 0;
}

bool dm_exif_set_rational(struct dm_exif *exif, const struct dm_exif_entry *entry, double value) {
    if (entry->type != DM_EXIF_RATIONAL || !(value >= 0) || value > 1e6) {
        return false;
    }
    uint32_t below = value == floor(value) ? 1 : 1000;
    dm_exif_put32(exif, entry->value_at, (uint32_t)(value * below + 0.5));
    dm_exif_put32(exif, entry->value_at + 4, below);
    return true;
}

void dm_exif_remove(struct dm_exif *exif, const struct dm_exif_entry *entry) {
    size_t directory = exif->directories[entry->directory];
    unsigned count = dm_exif_get16(exif, directory);
    size_t end = directory + 2 + (size_t)count * DM_EXIF_ENTRY_BYTES;
    end = MIN(end + 4, exif->size); // the link to the next directory moves up with the others
    if (entry->value_bytes > 4) {
        memset(exif->data + entry->value_at, 0, entry->value_bytes);
    }
    size_t behind = entry->at + DM_EXIF_ENTRY_BYTES;
    memmove(exif->data + entry->at, exif->data + behind, end - behind);
    memset(exif->data + end - DM_EXIF_ENTRY_BYTES, 0, DM_EXIF_ENTRY_BYTES);
    dm_exif_put16(exif, directory, count - 1);
}

// ---- the thumbnail

/** A stretch of the block, up to but without @end. */
struct stretch {
    size_t start, end;
};

static bool meet(struct stretch a, struct stretch b) {
    return a.start < b.end && b.start < a.end;
}

/** Whether something that stays lies in @place. */
static bool in_use(const struct dm_exif *exif, struct stretch place) {
    if (meet(place, (struct stretch){0, HEADER_BYTES})) {
        return true;
    }
    for (int d = DM_EXIF_IFD0; d < DM_EXIF_IFD1; d++) {
        unsigned count = dm_exif_count(exif, d);
        size_t at = exif->directories[d];
        if (at > 0 && meet(place, (struct stretch){at, at + 6 + (size_t)count * 12})) {
            return true;
        }
        for (unsigned i = 0; i < count; i++) {
            struct dm_exif_entry entry;
            if (dm_exif_entry(exif, d, i, &entry) &&
                meet(place, (struct stretch){entry.value_at, entry.value_at + entry.value_bytes})) {
                return true;
            }
        }
    }
    return false;
}

bool dm_exif_may_blank(const struct dm_exif *exif, size_t start, size_t end) {
    const struct stretch place = {start, end};
    if (start < HEADER_BYTES) {
        return false;
    }
    for (int d = DM_EXIF_IFD0; d < DM_EXIF_DIRECTORIES; d++) {
        unsigned count = dm_exif_count(exif, d);
        size_t at = exif->directories[d];
        if (at > 0 && meet(place, (struct stretch){at, at + 6 + (size_t)count * 12})) {
            return false;
        }
        for (unsigned i = 0; i < count; i++) {
            struct dm_exif_entry entry;
            bool there = dm_exif_entry(exif, d, i, &entry);
            const struct stretch value = {entry.value_at, entry.value_at + entry.value_bytes};
            bool within = value.start <= start && end <= value.end;
            if (there && !within && meet(place, value)) {
                return false;
            }
        }
    }
    return true;
}

/** Blank the pieces that two entries of IFD1 tell of. Returns the end of what stays. */
static size_t blank(struct dm_exif *exif, unsigned where_tag, unsigned size_tag, size_t end) {
    struct dm_exif_entry where, size;
    if (!dm_exif_find(exif, DM_EXIF_IFD1, where_tag, &where) ||
        !dm_exif_find(exif, DM_EXIF_IFD1, size_tag, &size)) {
        return end;
    }
    for (uint32_t i = 0; i < MIN(MIN(where.count, size.count), 1000); i++) {
        uint64_t start = (uint64_t)dm_exif_number(exif, &where, i, 0);
        uint64_t stop = MIN(start + (uint64_t)dm_exif_number(exif, &size, i, 0), exif->size);
        if (start >= stop || in_use(exif, (struct stretch){start, stop})) {
            continue;
        }
        memset(exif->data + start, 0, stop - start);
        if (stop + 3 >= end) { // but for padding, it is the last
            end = MIN(end, start);
        }
    }
    return end;
}

size_t dm_exif_drop_thumbnail(struct dm_exif *exif) {
    size_t link = link_at(exif, DM_EXIF_IFD0);
    if (link == 0) {
        return exif->size;
    }
    size_t end = blank(exif, THUMBNAIL_AT, THUMBNAIL_BYTES, exif->size);
    if (end == exif->size) {
        end = blank(exif, STRIPS_AT, STRIPS_BYTES, end);
    }
    dm_exif_put32(exif, link, 0);
    exif->directories[DM_EXIF_IFD1] = 0;
    return end;
}

// ---- order of bytes

static void swap(uint8_t *at, size_t width) {
    for (size_t i = 0; i < width / 2; i++) {
        uint8_t kept = at[i];
        at[i] = at[width - 1 - i];
        at[width - 1 - i] = kept;
    }
}

/** The width of the numbers that a type is made of. */
static size_t number_bytes(unsigned type) {
    return type == DM_EXIF_RATIONAL || type == DM_EXIF_SRATIONAL ? 4 : dm_exif_type_bytes(type);
}

void dm_exif_swap_value(uint8_t *value, unsigned type, size_t bytes) {
    size_t width = number_bytes(type);
    for (size_t at = 0; width > 1 && at + width <= bytes; at += width) {
        swap(value + at, width);
    }
}

static void swap_directory(struct dm_exif *exif, size_t directory, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        uint8_t *entry = exif->data + directory + 2 + (size_t)i * DM_EXIF_ENTRY_BYTES;
        unsigned type = dm_be16(entry + 2);
        uint64_t bytes = (uint64_t)dm_exif_type_bytes(type) * dm_be32(entry + 4);
        uint8_t *value = bytes <= 4 ? entry + 8 : exif->data + dm_be32(entry + 8);
        bool inside = bytes <= 4 || (dm_be32(entry + 8) <= exif->size &&
                                     bytes <= exif->size - dm_be32(entry + 8));
        if (inside) {
            dm_exif_swap_value(value, type, (size_t)bytes);
        }
        if (bytes > 4 || bytes == 0) {
            swap(entry + 8, 4);
        }
        swap(entry, 2);
        swap(entry + 2, 2);
        swap(entry + 4, 4);
    }
    swap(exif->data + directory, 2);
}

void dm_exif_make_little_endian(struct dm_exif *exif) {
    if (!exif->big_endian) {
        return;
    }
    for (int d = DM_EXIF_DIRECTORIES - 1; d >= 0; d--) {
        size_t link = link_at(exif, d);
        bool again = false; // two that are one are turned once
        for (int other = 0; other < d; other++) {
            again = again || exif->directories[other] == exif->directories[d];
        }
        if (exif->directories[d] > 0 && !again) {
            if (link > 0) {
                swap(exif->data + link, 4);
            }
            swap_directory(exif, exif->directories[d], dm_exif_count(exif, d));
        }
    }
    memcpy(exif->data, "II*\0", 4);
    swap(exif->data + 4, 4);
    exif->big_endian = false;
}

// ---- a new one

GBytes *dm_exif_build(int orientation) {
    uint8_t block[26] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0};
    block[19] = (uint8_t)orientation;
    return g_bytes_new(block, sizeof(block));
}
