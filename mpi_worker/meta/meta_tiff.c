// SPDX-License-Identifier: MIT
//
// TIFF: its directory is an EXIF block's first, with strips and samples in it. Reading makes a
// block of what is left without those; writing is in tiff_embed.c.
//
// Maker notes count from the beginning of the file, so theirs is the one value that keeps its
// offset: the rest of the block is laid around it.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"
#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/photoshop.h"
#include "mpi_worker/meta/tiff_big.h"
#include "mpi_worker/meta/tiff_tags.h"

#include <string.h>

enum { HEADER_BYTES = 8, FAR_OFFSET = 60000, LARGE_VALUE = 32768, MOST_PAGES = 65535 };
enum { SLACK_BYTES = 1 << 20 };

/** A block that is made of a file's directories. */
struct builder {
    const struct dm_exif *from;
    struct dm_exif to; // for its order of bytes
    GByteArray *out;
    size_t kept_at, kept_bytes; // the maker note
};

/** Make room for @bytes at an even offset that is free. Returns it; 0: it is more than came in. */
static size_t make_room(struct builder *builder, size_t bytes) {
    size_t at = (builder->out->len + 1) & ~(size_t)1;
    size_t kept_end = builder->kept_at + builder->kept_bytes;
    if (at < kept_end && at + bytes > builder->kept_at) {
        at = (kept_end + 1) & ~(size_t)1;
    }
    if (at + bytes > builder->from->size + SLACK_BYTES) {
        return 0; // values that lie upon each other
    }
    guint before = builder->out->len;
    g_byte_array_set_size(builder->out, (guint)(at + bytes));
    memset(builder->out->data + before, 0, at + bytes - before);
    builder->to.data = builder->out->data;
    builder->to.size = builder->out->len;
    return at;
}

static bool is_wanted(const struct builder *builder, enum dm_exif_directory directory,
                      const struct dm_exif_entry *entry) {
    unsigned tag = dm_exif_get16(builder->from, entry->at);
    bool first = directory == DM_EXIF_IFD0;
    if (first && dm_tag_is_structure(tag)) {
        return tag == DM_TAG_X_RESOLUTION || tag == DM_TAG_Y_RESOLUTION ||
               tag == DM_TAG_RESOLUTION_UNIT;
    }
    return !first || entry->value_bytes <= LARGE_VALUE;
}

static size_t copy_directory(struct builder *builder, enum dm_exif_directory directory);

static enum dm_exif_directory points_to(enum dm_exif_directory directory, unsigned tag) {
    if (directory == DM_EXIF_IFD0 && tag == DM_TAG_EXIF) {
        return DM_EXIF_EXIF;
    }
    if (directory == DM_EXIF_IFD0 && tag == DM_TAG_GPS) {
        return DM_EXIF_GPS;
    }
    return directory == DM_EXIF_EXIF && tag == DM_TAG_INTEROP ? DM_EXIF_INTEROP
                                                              : DM_EXIF_DIRECTORIES;
}

/** Copy an entry to @at, with what it points at. False: it points at nothing. */
static bool copy_entry(struct builder *builder, const struct dm_exif_entry *entry, size_t at) {
    const struct dm_exif *from = builder->from;
    unsigned tag = dm_exif_get16(from, entry->at);
    enum dm_exif_directory below = points_to(entry->directory, tag);
    size_t value = 0;
    if (below != DM_EXIF_DIRECTORIES) {
        value = copy_directory(builder, below);
        if (value == 0) {
            return false;
        }
    } else if (tag == DM_TAG_MAKER_NOTE && entry->value_at == builder->kept_at) {
        value = builder->kept_at;
    } else if (entry->value_bytes > 4) {
        value = make_room(builder, entry->value_bytes);
        if (value == 0) {
            return false;
        }
        memcpy(builder->out->data + value, from->data + entry->value_at, entry->value_bytes);
    }
    memcpy(builder->out->data + at, from->data + entry->at, DM_EXIF_ENTRY_BYTES);
    if (value > 0) {
        dm_exif_put32(&builder->to, at + 8, (uint32_t)value);
    }
    return true;
}

/** Copy what is wanted of a directory. Returns its offset; 0: nothing is. */
static size_t copy_directory(struct builder *builder, enum dm_exif_directory directory) {
    unsigned count = dm_exif_count(builder->from, directory), copied = 0;
    struct dm_exif_entry entry;
    if (count == 0) {
        return 0;
    }
    size_t start = make_room(builder, 2 + (size_t)count * DM_EXIF_ENTRY_BYTES + 4);
    for (unsigned i = 0; start > 0 && i < count; i++) {
        size_t at = start + 2 + (size_t)copied * DM_EXIF_ENTRY_BYTES;
        if (dm_exif_entry(builder->from, directory, i, &entry) &&
            is_wanted(builder, directory, &entry) && copy_entry(builder, &entry, at)) {
            copied++;
        }
    }
    if (copied > 0) {
        dm_exif_put16(&builder->to, start, copied);
    }
    return copied > 0 ? start : 0;
}

/** What keeps its offset, if there is such a thing and it lies near enough to the beginning. */
static void keep_maker_note(struct builder *builder) {
    struct dm_exif_entry note;
    if (dm_exif_find(builder->from, DM_EXIF_EXIF, DM_TAG_MAKER_NOTE, &note) &&
        note.value_bytes > 4 && note.value_at >= HEADER_BYTES &&
        note.value_at + note.value_bytes <= FAR_OFFSET) {
        builder->kept_at = note.value_at;
        builder->kept_bytes = note.value_bytes;
    }
}

static GBytes *build(const struct dm_exif *from) {
    struct builder builder = {.from = from, .out = g_byte_array_new()};
    builder.to.big_endian = from->big_endian;
    keep_maker_note(&builder);
    make_room(&builder, HEADER_BYTES);
    size_t first = copy_directory(&builder, DM_EXIF_IFD0);
    if (first == 0) {
        g_byte_array_unref(builder.out);
        return NULL;
    }
    size_t kept_end = builder.kept_at + builder.kept_bytes;
    if (kept_end > builder.out->len) {
        make_room(&builder, 0);
        g_byte_array_set_size(builder.out, (guint)kept_end);
    }
    memcpy(builder.out->data + builder.kept_at, from->data + builder.kept_at, builder.kept_bytes);
    memcpy(builder.out->data, from->data, 4);
    builder.to.data = builder.out->data;
    dm_exif_put32(&builder.to, 4, (uint32_t)first);
    return g_byte_array_free_to_bytes(builder.out);
}

// ---- blocks with places of their own

static GBytes *block_of(const struct dm_exif *tiff, unsigned tag) {
    struct dm_exif_entry entry;
    return dm_exif_find(tiff, DM_EXIF_IFD0, tag, &entry)
               ? g_bytes_new(tiff->data + entry.value_at, entry.value_bytes)
               : NULL;
}

static void read_blocks(struct dm_meta *meta, const struct dm_exif *tiff) {
    struct dm_resource there;
    struct dm_exif_entry layers;
    meta->xmp = block_of(tiff, DM_TAG_XMP);
    meta->photoshop = block_of(tiff, DM_TAG_PHOTOSHOP);
    meta->colour.profile = block_of(tiff, DM_TAG_PROFILE);
    GBytes *iptc = block_of(tiff, DM_TAG_IPTC);
    if (iptc != NULL && !dm_resource_find(meta->photoshop, DM_RESOURCE_IPTC, &there)) {
        gsize size = 0;
        const uint8_t *data = g_bytes_get_data(iptc, &size);
        meta->photoshop = dm_photoshop_add_iptc(meta->photoshop, data, size);
    }
    g_clear_pointer(&iptc, g_bytes_unref);
    if (dm_exif_find(tiff, DM_EXIF_IFD0, DM_TAG_LAYERS, &layers)) {
        dm_meta_remark(meta, "Photoshop's layers left out");
    }
}

/** What is too large for an EXIF block goes from TIFF to TIFF as it is, in little-endian order. */
static void read_large(struct dm_meta *meta, struct dm_exif *tiff) {
    unsigned count = dm_exif_count(tiff, DM_EXIF_IFD0);
    for (unsigned i = 0; i < count; i++) {
        struct dm_exif_entry entry;
        unsigned tag = dm_exif_get16(tiff, tiff->directories[DM_EXIF_IFD0] + 2 + (size_t)i * 12);
        if (dm_exif_entry(tiff, DM_EXIF_IFD0, i, &entry) && entry.value_bytes > LARGE_VALUE &&
            !dm_tag_is_structure(tag)) {
            uint8_t *value = g_memdup2(tiff->data + entry.value_at, entry.value_bytes);
            if (tiff->big_endian) {
                dm_exif_swap_value(value, entry.type, entry.value_bytes);
            }
            g_autofree char *name = g_strdup_printf("tag %u", tag);
            dm_meta_add_other(meta, tag, name, (int)entry.type,
                              g_bytes_new_take(value, entry.value_bytes));
        }
    }
}

static bool is_copy(const struct dm_exif *tiff) {
    struct dm_exif_entry entry;
    int64_t type = 0, old_type = 0;
    if (dm_exif_find(tiff, DM_EXIF_IFD0, DM_TAG_SUBFILE, &entry)) {
        type = dm_exif_number(tiff, &entry, 0, 0);
    }
    if (dm_exif_find(tiff, DM_EXIF_IFD0, DM_TAG_OLD_SUBFILE, &entry)) {
        old_type = dm_exif_number(tiff, &entry, 0, 0);
    }
    return dm_tiff_is_copy((uint64_t)type, (uint64_t)old_type);
}

/** Go on to the next directory. False: there is none. */
static bool go_on(struct dm_exif *tiff) {
    size_t at = tiff->directories[DM_EXIF_IFD0];
    at += 2 + (size_t)dm_exif_get16(tiff, at) * DM_EXIF_ENTRY_BYTES;
    return at + 4 <= tiff->size && dm_exif_open_at(tiff, dm_exif_get32(tiff, at));
}

/** Go to the directory of @page, of all those that are no copies. */
static void go_to_page(struct dm_exif *tiff, int page) {
    const struct dm_exif first = *tiff;
    for (int i = 0; i < MOST_PAGES; i++) {
        if (!is_copy(tiff) && page-- == 0) {
            return;
        }
        if (!go_on(tiff)) {
            break;
        }
    }
    *tiff = first; // nothing but copies
}

void dm_meta_read_tiff(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    struct dm_exif tiff;
    g_autoptr(GByteArray) narrow = dm_tiff_big_narrow(meta, data, size, page);
    // Nothing is changed by what is called here.
    if (narrow != NULL ? !dm_exif_open(&tiff, narrow->data, narrow->len)
                       : !dm_exif_open(&tiff, (uint8_t *)data, size)) {
        return;
    }
    go_to_page(&tiff, narrow != NULL ? 0 : page);
    tiff.directories[DM_EXIF_IFD1] = 0; // the next page
    meta->exif = build(&tiff);
    read_blocks(meta, &tiff);
    read_large(meta, &tiff);
}
