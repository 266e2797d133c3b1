// SPDX-License-Identifier: MIT
//
// Writing into a TIFF that libvips made of pixels alone: little-endian, its directories in a row.
//
//     the EXIF block, whole, which makes the header     offsets in it, and maker notes, stay true
//     the file's strips and directories                 moved behind it by `delta`
//     profile, XMP, Photoshop's block, large values
//     the new first directory
//
// The block's own first directory is left lying there: its entries are in the new one. A block in
// big-endian order makes the whole file big-endian, which samples of 8 bits do not notice; for
// others its numbers are turned.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"
#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/photoshop.h"
#include "mpi_worker/meta/tiff_tags.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 8, ENTRY = DM_EXIF_ENTRY_BYTES, MOST_DIRECTORIES = 65535 };

/** An entry, in the order of bytes of the new file. */
struct entry {
    uint8_t bytes[ENTRY];
};

struct writer {
    const struct dm_meta *meta;
    GByteArray *out;
    bool big_endian;
    size_t delta;
    GArray *entries; // of the new first directory
};

static void put16(const struct writer *writer, uint8_t *at, uint32_t value) {
    if (writer->big_endian) {
        dm_put_be16(at, value);
    } else {
        dm_put_le16(at, value);
    }
}

static void put32(const struct writer *writer, uint8_t *at, uint32_t value) {
    if (writer->big_endian) {
        dm_put_be32(at, value);
    } else {
        dm_put_le32(at, value);
    }
}

static unsigned tag_of(const struct writer *writer, const struct entry *entry) {
    return writer->big_endian ? dm_be16(entry->bytes) : dm_le16(entry->bytes);
}

static size_t append(struct writer *writer, const void *data, size_t size) {
    static const uint8_t zero;
    if (writer->out->len % 2 != 0) {
        g_byte_array_append(writer->out, &zero, 1);
    }
    size_t at = writer->out->len;
    g_byte_array_append(writer->out, data, (guint)size);
    return at;
}

/** Append an array of entries as a directory. Returns where. */
static size_t append_directory(struct writer *writer, const GArray *entries, size_t next) {
    uint8_t number[4];
    put16(writer, number, entries->len);
    size_t at = append(writer, number, 2);
    g_byte_array_append(writer->out, (const guint8 *)entries->data, entries->len * ENTRY);
    put32(writer, number, (uint32_t)next);
    g_byte_array_append(writer->out, number, 4);
    return at;
}

// ---- what libvips wrote, moved

/** Copy an entry of the file, with its value where that lies in the new one. */
static struct entry move_entry(struct writer *writer, const struct dm_exif *file,
                               const struct dm_exif_entry *from) {
    struct entry entry = {{0}};
    unsigned tag = dm_exif_get16(file, from->at);
    bool far = from->value_bytes > 4;
    uint8_t *value = far ? writer->out->data + from->value_at + writer->delta : entry.bytes + 8;
    put16(writer, entry.bytes, tag);
    put16(writer, entry.bytes + 2, from->type);
    put32(writer, entry.bytes + 4, from->count);
    if (far) {
        put32(writer, entry.bytes + 8, (uint32_t)(from->value_at + writer->delta));
    } else {
        memcpy(value, file->data + from->value_at, from->value_bytes);
    }
    if (from->type == DM_EXIF_LONG && (tag == DM_TAG_STRIPS || tag == DM_TAG_TILES)) {
        for (uint32_t i = 0; i < from->count; i++) {
            uint32_t at = dm_exif_get32(file, from->value_at + 4 * (size_t)i);
            put32(writer, value + 4 * (size_t)i, (uint32_t)(at + writer->delta));
        }
    } else if (writer->big_endian) {
        dm_exif_swap_value(value, from->type, from->value_bytes);
    }
    return entry;
}

static GArray *move_entries(struct writer *writer, const struct dm_exif *file) {
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    for (unsigned i = 0; i < dm_exif_count(file, DM_EXIF_IFD0); i++) {
        struct dm_exif_entry from;
        if (dm_exif_entry(file, DM_EXIF_IFD0, i, &from)) {
            struct entry entry = move_entry(writer, file, &from);
            g_array_append_val(entries, entry);
        }
    }
    return entries;
}

/** The offset of the directory behind the one that is open; 0: none. */
static size_t next_directory(const struct dm_exif *file) {
    size_t at = file->directories[DM_EXIF_IFD0];
    at += 2 + (size_t)dm_exif_get16(file, at) * ENTRY;
    return at + 4 <= file->size ? dm_exif_get32(file, at) : 0;
}

/** Move all directories behind the first, the last of which comes first. Returns the second's. */
static size_t move_pages(struct writer *writer, struct dm_exif file) {
    g_autoptr(GArray) pages = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (size_t at; pages->len < MOST_DIRECTORIES && (at = next_directory(&file)) != 0;) {
        if (!dm_exif_open_at(&file, at)) {
            break;
        }
        g_array_append_val(pages, at);
    }
    size_t next = 0;
    for (guint i = pages->len; i > 0; i--) {
        dm_exif_open_at(&file, g_array_index(pages, size_t, i - 1));
        g_autoptr(GArray) entries = move_entries(writer, &file);
        next = append_directory(writer, entries, next);
    }
    return next;
}

// ---- what is said

static struct entry *find_in(const struct writer *writer, GArray *entries, unsigned tag) {
    for (guint i = 0; i < entries->len; i++) {
        struct entry *entry = &g_array_index(entries, struct entry, i);
        if (tag_of(writer, entry) == tag) {
            return entry;
        }
    }
    return NULL;
}

static void drop(struct writer *writer, unsigned tag) {
    struct entry *entry = find_in(writer, writer->entries, tag);
    if (entry != NULL) {
        g_array_remove_index(writer->entries,
                             (guint)(entry - (struct entry *)(void *)writer->entries->data));
    }
}

/** Add a value, whose numbers are in the file's order already. */
static void add(struct writer *writer, unsigned tag, unsigned type, const void *data, size_t size) {
    struct entry entry = {{0}};
    put16(writer, entry.bytes, tag);
    put16(writer, entry.bytes + 2, type);
    put32(writer, entry.bytes + 4, (uint32_t)(size / dm_exif_type_bytes(type)));
    if (size == 0) {
        return;
    }
    if (size <= 4) {
        memcpy(entry.bytes + 8, data, size);
    } else {
        put32(writer, entry.bytes + 8, (uint32_t)append(writer, data, size));
    }
    drop(writer, tag);
    g_array_append_val(writer->entries, entry);
}

static void add_block(struct writer *writer, unsigned tag, unsigned type, GBytes *block) {
    gsize size = 0;
    if (block != NULL) {
        const void *data = g_bytes_get_data(block, &size);
        add(writer, tag, type, data, size);
    }
}

static void add_rational(struct writer *writer, unsigned tag, double value) {
    uint8_t bytes[8];
    uint32_t below = value == (double)(uint32_t)value ? 1 : 10000;
    put32(writer, bytes, (uint32_t)(value * below + 0.5));
    put32(writer, bytes + 4, below);
    add(writer, tag, DM_EXIF_RATIONAL, bytes, sizeof(bytes));
}

/** libvips says one in any case. */
static void add_resolution(struct writer *writer) {
    const struct dm_meta_resolution *resolution = &writer->meta->resolution;
    uint8_t unit[2];
    drop(writer, DM_TAG_X_RESOLUTION);
    drop(writer, DM_TAG_Y_RESOLUTION);
    drop(writer, DM_TAG_RESOLUTION_UNIT);
    if (resolution->x > 0 && resolution->y > 0 && resolution->x < 1e5 && resolution->y < 1e5) {
        add_rational(writer, DM_TAG_X_RESOLUTION, resolution->x);
        add_rational(writer, DM_TAG_Y_RESOLUTION, resolution->y);
        put16(writer, unit, (uint32_t)resolution->unit + 1);
        add(writer, DM_TAG_RESOLUTION_UNIT, DM_EXIF_SHORT, unit, sizeof(unit));
    }
}

static void add_large(struct writer *writer) {
    for (guint i = 0; i < writer->meta->others->len; i++) {
        const struct dm_meta_other *other = writer->meta->others->pdata[i];
        gsize size = 0;
        g_autofree uint8_t *value = NULL;
        const void *data = g_bytes_get_data(other->bytes, &size);
        value = g_memdup2(data, size);
        if (writer->big_endian) {
            dm_exif_swap_value(value, (unsigned)other->place, size);
        }
        add(writer, other->code, (unsigned)other->place, value, size);
    }
}

/** Whether a tag points at a directory without entries, which libtiff takes for damage. */
static bool points_at_nothing(const struct dm_exif *exif, unsigned tag) {
    return (tag == DM_TAG_EXIF && dm_exif_count(exif, DM_EXIF_EXIF) == 0) ||
           (tag == DM_TAG_GPS && dm_exif_count(exif, DM_EXIF_GPS) == 0);
}

/** Take over the entries of the EXIF block, which lies at the beginning of the new file. */
static void add_exif(struct writer *writer, const struct dm_exif *exif) {
    g_autoptr(GArray) own = g_array_copy(writer->entries); // a tag that is there twice stays so
    for (unsigned i = 0; i < dm_exif_count(exif, DM_EXIF_IFD0); i++) {
        struct dm_exif_entry from;
        struct entry entry;
        if (!dm_exif_entry(exif, DM_EXIF_IFD0, i, &from)) {
            continue;
        }
        unsigned tag = dm_exif_get16(exif, from.at);
        memcpy(entry.bytes, exif->data + from.at, ENTRY);
        if (!dm_tag_is_structure(tag) && !points_at_nothing(exif, tag) &&
            find_in(writer, own, tag) == NULL) {
            g_array_append_val(writer->entries, entry);
        }
    }
}

static int compare(const void *a, const void *b, void *data) {
    const struct writer *writer = data;
    return (int)tag_of(writer, a) - (int)tag_of(writer, b);
}

static void add_all(struct writer *writer, const struct dm_exif *exif) {
    const struct dm_meta *meta = writer->meta;
    GBytes *iptc = dm_photoshop_iptc(meta->photoshop);
    if (exif != NULL) {
        add_exif(writer, exif);
    }
    add_resolution(writer);
    add_large(writer);
    add_block(writer, DM_TAG_XMP, DM_EXIF_BYTE, meta->xmp);
    add_block(writer, DM_TAG_IPTC, DM_EXIF_UNDEFINED, iptc);
    add_block(writer, DM_TAG_PHOTOSHOP, DM_EXIF_BYTE, meta->photoshop);
    add_block(writer, DM_TAG_PROFILE, DM_EXIF_UNDEFINED, meta->colour.profile);
    g_clear_pointer(&iptc, g_bytes_unref);
    g_array_sort_with_data(writer->entries, compare, writer);
}

// ---- the file

static bool has_wide_samples(const struct dm_exif *file) {
    struct dm_exif_entry bits;
    return dm_exif_find(file, DM_EXIF_IFD0, DM_TAG_BITS, &bits) &&
           dm_exif_number(file, &bits, 0, 8) > 8;
}

/** Begin the new file with the EXIF block. False: it has none that can be read. */
static bool begin_with_exif(struct writer *writer, bool wide_samples) {
    gsize size = 0;
    struct dm_exif exif;
    if (writer->meta->exif == NULL) {
        return false;
    }
    const uint8_t *data = g_bytes_get_data(writer->meta->exif, &size);
    g_byte_array_append(writer->out, data, (guint)size);
    if (!dm_exif_open(&exif, writer->out->data, size)) {
        g_byte_array_set_size(writer->out, 0);
        return false;
    }
    if (wide_samples) {
        dm_exif_make_little_endian(&exif);
    }
    writer->big_endian = exif.big_endian;
    return true;
}

GByteArray *dm_meta_write_tiff(const struct dm_meta *meta, const uint8_t *data, size_t size) {
    static const uint8_t header[HEADER_BYTES] = {'I', 'I', 42, 0};
    struct dm_exif file, exif;
    // Nothing of it is changed.
    if (!dm_exif_open(&file, (uint8_t *)data, size) || file.big_endian ||
        size > G_MAXUINT32 / 2 - (64 << 20)) {
        return NULL;
    }
    struct writer writer = {.meta = meta, .out = g_byte_array_sized_new((guint)size + 65536)};
    bool has_exif = begin_with_exif(&writer, has_wide_samples(&file));
    size_t exif_size = writer.out->len;
    if (!has_exif) {
        g_byte_array_append(writer.out, header, sizeof(header));
    }
    writer.delta = append(&writer, "", 0) - HEADER_BYTES;
    append(&writer, data + HEADER_BYTES, size - HEADER_BYTES);
    writer.entries = move_entries(&writer, &file);
    size_t second = move_pages(&writer, file);
    if (has_exif) {
        has_exif = dm_exif_open(&exif, writer.out->data, exif_size);
    }
    add_all(&writer, has_exif ? &exif : NULL);
    size_t first = append_directory(&writer, writer.entries, second);
    put32(&writer, writer.out->data + 4, (uint32_t)first);
    g_array_unref(writer.entries);
    return writer.out;
}
