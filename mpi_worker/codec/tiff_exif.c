// SPDX-License-Identifier: MIT
//
// See tiff_exif.h. A directory is a count, entries of 12 bytes sorted by tag, and the offset of the
// next directory; a value of more than 4 bytes lies elsewhere, at the offset in its entry
// (TIFF 6.0, section 2). All is appended to the TIFF: values and sub-directories of the EXIF, then
// a new first directory, to which the header then points.
#include "mpi_worker/codec/tiff_exif.h"

#include "mpi_worker/codec/bytes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_BYTES = 12, MAX_ENTRIES = 1000, MAX_DEPTH = 3 };
enum { LONG = 4, UNDEFINED = 7 };
enum { EXIF_IFD = 0x8769, GPS_IFD = 0x8825, INTEROP_IFD = 0xA005, IPTC = 33723 };

/** Of the first directory: what an EXIF block may say of a picture. Strips and sizes are TIFF's. */
static const uint16_t descriptions[] = {
    270 /* ImageDescription */,
    271 /* Make */,
    272 /* Model */,
    305 /* Software */,
    306 /* DateTime */,
    315 /* Artist */,
    316 /* Host */,
    18246 /* Rating */,
    33432 /* Copyright */,
    40091 /* XPTitle */,
    40092 /* Comment */,
    40093 /* Author */,
    40094 /* Keywords */,
    40095 /* Subject */,
    EXIF_IFD,
    GPS_IFD,
};

struct entry {
    uint8_t bytes[ENTRY_BYTES];
};

/** A TIFF structure that is read. */
struct block {
    const uint8_t *data;
    size_t size;
};

static uint32_t tag_of(const struct entry *entry) {
    return dm_le16(entry->bytes);
}

static void put32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
}

static void put16(uint8_t *at, uint32_t v) {
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

/** The entries of the directory at @offset; NULL when it is not one. */
static GArray *read_directory(const struct block *block, uint32_t offset) {
    if (offset < 8 || block->size < 6 || offset > block->size - 6) {
        return NULL;
    }
    size_t count = dm_le16(block->data + offset);
    if (count == 0 || count > MAX_ENTRIES || count * ENTRY_BYTES > block->size - 6 - offset) {
        return NULL;
    }
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    g_array_append_vals(entries, block->data + offset + 2, (guint)count);
    return entries;
}

static uint32_t append(GByteArray *out, const uint8_t *data, size_t size) {
    static const uint8_t zero;
    if (out->len % 2 != 0) {
        g_byte_array_append(out, &zero, 1);
    }
    uint32_t offset = out->len;
    g_byte_array_append(out, data, (guint)size);
    return offset;
}

/** Write @entries as a directory. Returns its offset. */
static uint32_t append_directory(GByteArray *out, const GArray *entries, uint32_t next) {
    uint8_t number[4];
    put16(number, entries->len);
    uint32_t offset = append(out, number, 2);
    g_byte_array_append(out, (const guint8 *)entries->data, entries->len * ENTRY_BYTES);
    put32(number, next);
    g_byte_array_append(out, number, 4);
    return offset;
}

static size_t value_bytes(const struct entry *entry) {
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    uint32_t type = dm_le16(entry->bytes + 2);
    return type < sizeof sizes ? (size_t)sizes[type] * dm_le32(entry->bytes + 4) : 0;
}

static bool move_entries(GByteArray *out, const struct block *from, GArray *entries, int depth);

/** Copy a sub-directory of @from, and make its entry point at the copy. */
static bool move_directory(GByteArray *out, const struct block *from, struct entry *entry,
                           int depth) {
    g_autoptr(GArray) entries = read_directory(from, dm_le32(entry->bytes + 8));
    if (entries == NULL || depth == 0 || !move_entries(out, from, entries, depth)) {
        return false;
    }
    put16(entry->bytes + 2, LONG);
    put32(entry->bytes + 4, 1);
    put32(entry->bytes + 8, append_directory(out, entries, 0));
    return true;
}

/** Copy a value that lies elsewhere in @from. False: it does not lie in it. */
static bool move_value(GByteArray *out, const struct block *from, struct entry *entry) {
    size_t size = value_bytes(entry);
    uint32_t offset = dm_le32(entry->bytes + 8);
    if (size <= 4) {
        return size > 0;
    }
    if (size > from->size || offset > from->size - size) {
        return false;
    }
    put32(entry->bytes + 8, append(out, from->data + offset, size));
    return true;
}

/** Copy what @entries of @from point at; entries that point at nothing go. */
static bool move_entries(GByteArray *out, const struct block *from, GArray *entries, int depth) {
    for (guint i = 0; i < entries->len;) {
        struct entry *entry = &g_array_index(entries, struct entry, i);
        uint32_t tag = tag_of(entry);
        bool directory = tag == EXIF_IFD || tag == GPS_IFD || tag == INTEROP_IFD;
        if (directory ? move_directory(out, from, entry, depth - 1)
                      : move_value(out, from, entry)) {
            i++;
        } else {
            g_array_remove_index(entries, i);
        }
    }
    return entries->len > 0;
}

static bool has_tag(const GArray *entries, uint32_t tag) {
    for (guint i = 0; i < entries->len; i++) {
        if (tag_of(&g_array_index(entries, struct entry, i)) == tag) {
            return true;
        }
    }
    return false;
}

static bool describes(uint32_t tag) {
    for (size_t i = 0; i < G_N_ELEMENTS(descriptions); i++) {
        if (descriptions[i] == tag) {
            return true;
        }
    }
    return false;
}

static int compare_tags(const void *a, const void *b) {
    return (int)tag_of(a) - (int)tag_of(b);
}

/** Add what an EXIF block says and @entries do not. False: it is not understood. */
static bool add_exif(GByteArray *out, GArray *entries, const struct block *exif) {
    g_autoptr(GArray) added = read_directory(exif, dm_le32(exif->data + 4));
    if (added == NULL) {
        return false;
    }
    for (guint i = 0; i < added->len;) {
        uint32_t tag = tag_of(&g_array_index(added, struct entry, i));
        if (describes(tag) && !has_tag(entries, tag)) {
            i++;
        } else {
            g_array_remove_index(added, i);
        }
    }
    move_entries(out, exif, added, MAX_DEPTH);
    g_array_append_vals(entries, added->data, added->len);
    return true;
}

static void add_iptc(GByteArray *out, GArray *entries, const uint8_t *iptc, size_t size) {
    struct entry entry = {{0}};
    put16(entry.bytes, IPTC);
    put16(entry.bytes + 2, UNDEFINED);
    put32(entry.bytes + 4, (uint32_t)size);
    if (size <= 4) {
        memcpy(entry.bytes + 8, iptc, size);
    } else {
        put32(entry.bytes + 8, append(out, iptc, size));
    }
    g_array_append_val(entries, entry);
}

static bool is_little_endian(const uint8_t *data, size_t size) {
    static const uint8_t magic[] = {'I', 'I', 42, 0};
    return size >= 8 && size <= G_MAXUINT32 / 4 && memcmp(data, magic, sizeof magic) == 0;
}

GByteArray *dm_tiff_add_metadata(const uint8_t *tiff, size_t tiff_size, const uint8_t *exif,
                                 size_t exif_size, const uint8_t *iptc, size_t iptc_size) {
    const size_t prefix = 6;
    const struct block own = {tiff, tiff_size};
    if (!is_little_endian(tiff, tiff_size) || iptc_size > G_MAXUINT32 / 4 ||
        (exif != NULL &&
         (exif_size < prefix || !is_little_endian(exif + prefix, exif_size - prefix)))) {
        return NULL;
    }
    g_autoptr(GArray) entries = read_directory(&own, dm_le32(tiff + 4));
    if (entries == NULL) {
        return NULL;
    }
    uint32_t next = dm_le32(tiff + dm_le32(tiff + 4) + 2 + (size_t)entries->len * ENTRY_BYTES);
    GByteArray *out = g_byte_array_sized_new((guint)(tiff_size + exif_size + iptc_size + 4096));
    g_byte_array_append(out, tiff, (guint)tiff_size);
    if (iptc != NULL) {
        add_iptc(out, entries, iptc, iptc_size);
    }
    if (exif != NULL &&
        !add_exif(out, entries, &(struct block){exif + prefix, exif_size - prefix})) {
        g_byte_array_unref(out);
        return NULL;
    }
    qsort(entries->data, entries->len, sizeof(struct entry), compare_tags);
    uint32_t first = append_directory(out, entries, next);
    put32(out->data + 4, first);
    return out;
}
