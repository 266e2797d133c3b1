// SPDX-License-Identifier: MIT
//
// See tiff_pages.h. Of each page its strips or tiles are appended, then its values and
// sub-directories, then its directory, to which the one before it, or the header, then points.
#include "mpi_worker/codec/tiff_pages.h"

#include "common/bytes.h"
#include "mpi_worker/codec/tiff_directory.h"

#include <string.h>

enum { STRIP_OFFSETS = 273, STRIP_COUNTS = 279, TILE_OFFSETS = 324, TILE_COUNTS = 325 };

static struct dm_tiff_entry *find(GArray *entries, uint32_t tag) {
    for (guint i = 0; i < entries->len; i++) {
        struct dm_tiff_entry *entry = &g_array_index(entries, struct dm_tiff_entry, i);
        if (dm_tiff_tag(entry) == tag) {
            return entry;
        }
    }
    return NULL;
}

static uint32_t count_of(const struct dm_tiff_entry *entry) {
    return dm_le32(entry->bytes + 4);
}

/** An array of SHORT or LONG, widened; NULL when it is none, or lies beyond the end. */
static uint32_t *read_numbers(const struct dm_tiff_block *from, const struct dm_tiff_entry *entry) {
    uint32_t type = dm_le16(entry->bytes + 2), count = count_of(entry);
    size_t size = dm_tiff_value_bytes(entry), offset = dm_le32(entry->bytes + 8);
    const uint8_t *at = entry->bytes + 8;
    if ((type != DM_TIFF_SHORT && type != DM_TIFF_LONG) || size == 0 ||
        (size > 4 && (size > from->size || offset > from->size - size))) {
        return NULL;
    }
    if (size > 4) {
        at = from->data + offset;
    }
    uint32_t *numbers = g_new(uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] =
            type == DM_TIFF_SHORT ? dm_le16(at + 2 * (size_t)i) : dm_le32(at + 4 * (size_t)i);
    }
    return numbers;
}

/** Append the pieces that @offsets and @counts tell of; the former become the new ones. */
static bool copy_pieces(GByteArray *file, const struct dm_tiff_block *from, uint32_t *offsets,
                        const uint32_t *counts, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (counts[i] > from->size || offsets[i] > from->size - counts[i]) {
            return false;
        }
        offsets[i] = dm_tiff_append(file, from->data + offsets[i], counts[i]);
    }
    return true;
}

/** Make @entry an array of LONG with these numbers. */
static void write_numbers(GByteArray *file, struct dm_tiff_entry *entry, uint32_t *numbers) {
    uint32_t count = count_of(entry);
    dm_put_le16(entry->bytes + 2, DM_TIFF_LONG);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = numbers[i];
        dm_put_le32((uint8_t *)(numbers + i), number);
    }
    if (count == 1) {
        memcpy(entry->bytes + 8, numbers, sizeof(*numbers));
    } else {
        dm_put_le32(entry->bytes + 8,
                    dm_tiff_append(file, (const uint8_t *)numbers, count * sizeof(*numbers)));
    }
}

/** Copy what two arrays point at. Returns the new offsets; NULL when something is wrong. */
static uint32_t *copy_data(GByteArray *file, const struct dm_tiff_block *from,
                           const struct dm_tiff_entry *where, const struct dm_tiff_entry *sizes) {
    if (where == NULL || sizes == NULL || count_of(where) != count_of(sizes)) {
        return NULL;
    }
    g_autofree uint32_t *offsets = read_numbers(from, where);
    g_autofree uint32_t *counts = read_numbers(from, sizes);
    if (offsets == NULL || counts == NULL ||
        !copy_pieces(file, from, offsets, counts, count_of(where))) {
        return NULL;
    }
    return g_steal_pointer(&offsets);
}

/** Where the offset of a directory behind the last one belongs. */
static size_t last_link(const GByteArray *file) {
    size_t at = 4;
    for (uint32_t next; (next = dm_le32(file->data + at)) != 0;) {
        at = next + 2 + (size_t)dm_le16(file->data + next) * DM_TIFF_ENTRY_BYTES;
    }
    return at;
}

bool dm_tiff_add_page(GByteArray *file, const uint8_t *tiff, size_t size) {
    const struct dm_tiff_block from = {tiff, size};
    if (!dm_tiff_is_little_endian(tiff, size) || file->len > G_MAXUINT32 / 2) {
        return false;
    }
    g_autoptr(GArray) entries = dm_tiff_read(&from, dm_le32(tiff + 4));
    if (entries == NULL) {
        return false;
    }
    if (file->len == 0) { // maker notes stay where they are
        g_byte_array_append(file, tiff, (guint)size);
        return true;
    }
    bool tiled = find(entries, TILE_OFFSETS) != NULL;
    uint32_t offsets_tag = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    g_autofree uint32_t *offsets = copy_data(file, &from, find(entries, offsets_tag),
                                             find(entries, tiled ? TILE_COUNTS : STRIP_COUNTS));
    if (offsets == NULL) {
        return false;
    }
    dm_tiff_move(file, &from, entries, DM_TIFF_MAX_DEPTH);
    write_numbers(file, find(entries, offsets_tag), offsets);
    size_t link = last_link(file);
    uint32_t directory = dm_tiff_append_directory(file, entries, 0);
    dm_put_le32(file->data + link, directory);
    return true;
}
