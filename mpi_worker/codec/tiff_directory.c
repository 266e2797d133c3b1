// SPDX-License-Identifier: MIT
//
// See tiff_directory.h. A directory is a count, entries of 12 bytes sorted by tag, and the offset
// of the next directory; a value of more than 4 bytes lies elsewhere, at the offset in its entry
// (TIFF 6.0, section 2).
#include "mpi_worker/codec/tiff_directory.h"

#include "common/bytes.h"

#include <string.h>

enum { MAX_ENTRIES = 1000 };

uint32_t dm_tiff_tag(const struct dm_tiff_entry *entry) {
    return dm_le16(entry->bytes);
}

GArray *dm_tiff_read(const struct dm_tiff_block *block, uint32_t offset) {
    if (offset < 8 || block->size < 6 || offset > block->size - 6) {
        return NULL;
    }
    size_t count = dm_le16(block->data + offset);
    if (count == 0 || count > MAX_ENTRIES ||
        count * DM_TIFF_ENTRY_BYTES > block->size - 6 - offset) {
        return NULL;
    }
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct dm_tiff_entry));
    g_array_append_vals(entries, block->data + offset + 2, (guint)count);
    return entries;
}

uint32_t dm_tiff_append(GByteArray *out, const uint8_t *data, size_t size) {
    static const uint8_t zero;
    if (out->len % 2 != 0) {
        g_byte_array_append(out, &zero, 1);
    }
    uint32_t offset = out->len;
    g_byte_array_append(out, data, (guint)size);
    return offset;
}

uint32_t dm_tiff_append_directory(GByteArray *out, const GArray *entries, uint32_t next) {
    uint8_t number[4];
    dm_put_le16(number, entries->len);
    uint32_t offset = dm_tiff_append(out, number, 2);
    g_byte_array_append(out, (const guint8 *)entries->data, entries->len * DM_TIFF_ENTRY_BYTES);
    dm_put_le32(number, next);
    g_byte_array_append(out, number, 4);
    return offset;
}

size_t dm_tiff_value_bytes(const struct dm_tiff_entry *entry) {
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    uint32_t type = dm_le16(entry->bytes + 2);
    return type < sizeof(sizes) ? (size_t)sizes[type] * dm_le32(entry->bytes + 4) : 0;
}

/** Copy a sub-directory of @from, and make its entry point at the copy. */
static bool move_directory(GByteArray *out, const struct dm_tiff_block *from,
                           struct dm_tiff_entry *entry, int depth) {
    g_autoptr(GArray) entries = dm_tiff_read(from, dm_le32(entry->bytes + 8));
    if (entries == NULL || depth == 0 || !dm_tiff_move(out, from, entries, depth)) {
        return false;
    }
    dm_put_le16(entry->bytes + 2, DM_TIFF_LONG);
    dm_put_le32(entry->bytes + 4, 1);
    dm_put_le32(entry->bytes + 8, dm_tiff_append_directory(out, entries, 0));
    return true;
}

/** Copy a value that lies elsewhere in @from. False: it does not lie in it. */
static bool move_value(GByteArray *out, const struct dm_tiff_block *from,
                       struct dm_tiff_entry *entry) {
    size_t size = dm_tiff_value_bytes(entry);
    uint32_t offset = dm_le32(entry->bytes + 8);
    if (size <= 4) {
        return size > 0;
    }
    if (size > from->size || offset > from->size - size) {
        return false;
    }
    dm_put_le32(entry->bytes + 8, dm_tiff_append(out, from->data + offset, size));
    return true;
}

bool dm_tiff_move(GByteArray *out, const struct dm_tiff_block *from, GArray *entries, int depth) {
    for (guint i = 0; i < entries->len;) {
        struct dm_tiff_entry *entry = &g_array_index(entries, struct dm_tiff_entry, i);
        uint32_t tag = dm_tiff_tag(entry);
        bool directory = tag == DM_TIFF_EXIF || tag == DM_TIFF_GPS || tag == DM_TIFF_INTEROP;
        if (directory ? move_directory(out, from, entry, depth - 1)
                      : move_value(out, from, entry)) {
            i++;
        } else {
            g_array_remove_index(entries, i);
        }
    }
    return entries->len > 0;
}

bool dm_tiff_is_little_endian(const uint8_t *data, size_t size) {
    static const uint8_t magic[] = {'I', 'I', 42, 0};
    return size >= 8 && size <= G_MAXUINT32 / 4 && memcmp(data, magic, sizeof(magic)) == 0;
}
