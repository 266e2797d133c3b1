// SPDX-License-Identifier: MIT
//
// HEIF and AVIF: EXIF and XMP are items that describe the picture's; profiles and code points are
// properties that it is associated with. Pictures turned by properties are turned by the decoder:
// an EXIF orientation means nothing here.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"
#include "mpi_worker/meta/isobmff.h"

#include <string.h>

enum { FULL = 4, COLR_NCLX_BYTES = 11 };

// ---- reading

/** An item's bytes; NULL: it is not there in one piece. */
static const uint8_t *item_data(const uint8_t *file, size_t size, const struct dm_items *items,
                                const struct dm_item *item) {
    size_t start = item->method == 1 ? items->idat.data : 0;
    size_t end = item->method == 1 ? items->idat.end : size;
    if (item->scattered || item->method > 1 || item->size == 0 || item->offset > end - start ||
        item->size > end - start - item->offset) {
        return NULL;
    }
    return file + start + item->offset;
}

/** Four bytes say how far behind them the TIFF header lies. */
static void read_exif(struct dm_meta *meta, const uint8_t *data, size_t size) {
    if (meta->exif == NULL && size > 4 && dm_be32(data) < size - 4) {
        size_t head = 4 + (size_t)dm_be32(data);
        meta->exif = g_bytes_new(data + head, size - head);
    }
}

static void read_items(struct dm_meta *meta, const uint8_t *file, size_t size,
                       const struct dm_items *items) {
    for (guint i = 0; i < items->items->len; i++) {
        const struct dm_item *item = &g_array_index(items->items, struct dm_item, i);
        const uint8_t *data = item_data(file, size, items, item);
        if (data == NULL) {
            continue;
        }
        if (strcmp(item->type, "Exif") == 0) {
            read_exif(meta, data, (size_t)item->size);
        } else if (strcmp(item->type, "mime") == 0 && item->is_xmp && meta->xmp == NULL) {
            meta->xmp = g_bytes_new(data, (size_t)item->size);
        }
    }
}

static void read_colour(struct dm_meta_colour *colour, const uint8_t *file,
                        const struct dm_box_at *box) {
    const uint8_t *data = file + box->data;
    size_t size = box->end - box->data;
    if (size < 4) {
        return;
    }
    if ((memcmp(data, "prof", 4) == 0 || memcmp(data, "rICC", 4) == 0) && size > 4 &&
        colour->profile == NULL) {
        colour->profile = g_bytes_new(data + 4, size - 4);
    } else if (memcmp(data, "nclx", 4) == 0 && size >= COLR_NCLX_BYTES && !colour->has_codes) {
        colour->has_codes = true;
        colour->primaries = (uint8_t)dm_be16(data + 4);
        colour->transfer = (uint8_t)dm_be16(data + 6);
        colour->matrix = (uint8_t)dm_be16(data + 8);
        colour->full_range = data[10] >> 7;
    }
}

/** One association of an ipma box: @ret_index counts properties from 1. */
struct associations {
    const uint8_t *file;
    size_t at, end;
    bool wide_ids, wide_indices;
};

static bool open_associations(const uint8_t *file, const struct dm_box_at *iprp,
                              struct associations *ret, struct dm_box_at *ret_box) {
    if (iprp->end == 0 || !dm_box_find(file, iprp->end, iprp->data, "ipma", ret_box) ||
        ret_box->end - ret_box->data < FULL + 4) {
        return false;
    }
    const uint8_t *head = file + ret_box->data;
    *ret = (struct associations){.file = file,
                                 .at = ret_box->data + FULL + 4,
                                 .end = ret_box->end,
                                 .wide_ids = head[0] > 0,
                                 .wide_indices = head[3] & 1};
    return true;
}

/** Go to the list of item @id: at is at its number of entries. False: it has none. */
static bool go_to_item(struct associations *list, uint32_t id) {
    size_t id_bytes = list->wide_ids ? 4 : 2, index_bytes = list->wide_indices ? 2 : 1;
    while (list->end - list->at > id_bytes) {
        const uint8_t *at = list->file + list->at;
        uint32_t found = list->wide_ids ? dm_be32(at) : dm_be16(at);
        size_t count = at[id_bytes];
        list->at += id_bytes;
        if (found == id) {
            return list->end - list->at > count * index_bytes;
        }
        list->at += 1 + count * index_bytes;
        if (list->at > list->end) {
            return false;
        }
    }
    return false;
}

/** Whether the picture's list, at @list, names property @index. */
static bool names(const struct associations *list, unsigned index) {
    const uint8_t *at = list->file + list->at;
    for (unsigned i = 0; i < at[0]; i++) {
        unsigned found =
            list->wide_indices ? dm_be16(at + 1 + 2 * (size_t)i) & 0x7FFF : at[1 + i] & 0x7F;
        if (found == index) {
            return true;
        }
    }
    return false;
}

static void read_properties(struct dm_meta *meta, const uint8_t *file,
                            const struct dm_items *items) {
    struct dm_box_at ipco, ipma, box;
    struct associations list;
    if (items->iprp.end == 0 ||
        !dm_box_find(file, items->iprp.end, items->iprp.data, "ipco", &ipco) ||
        !open_associations(file, &items->iprp, &list, &ipma) ||
        !go_to_item(&list, items->primary)) {
        return;
    }
    unsigned index = 1;
    for (size_t at = ipco.data; dm_box_read(file, ipco.end, at, &box); at = box.end, index++) {
        if (strcmp(box.name, "colr") == 0 && names(&list, index)) {
            read_colour(&meta->colour, file, &box);
        }
    }
}

void dm_meta_read_isobmff(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    (void)page;
    struct dm_items items;
    if (dm_items_read(data, size, &items)) {
        read_items(meta, data, size, &items);
        read_properties(meta, data, &items);
    }
    dm_items_clear(&items);
}

// ---- writing

static void put_number(GByteArray *out, uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i > 0; i--) {
        uint8_t byte = (uint8_t)(value >> (8 * (i - 1)));
        g_byte_array_append(out, &byte, 1);
    }
}

static guint begin_box(GByteArray *out, const char *name) {
    guint at = out->len;
    put_number(out, 0, 4);
    g_byte_array_append(out, (const guint8 *)name, 4);
    return at;
}

static void end_box(GByteArray *out, guint at) {
    dm_put_be32(out->data + at, out->len - at);
}

static void put_box(GByteArray *out, const uint8_t *file, const struct dm_box_at *box) {
    g_byte_array_append(out, file + box->start, (guint)(box->end - box->start));
}

/** A file under way. */
struct writer {
    const struct dm_meta *meta;
    const uint8_t *file;
    struct dm_items items;
    GByteArray *out;
    uint32_t exif_id, xmp_id; // 0: it has none
    uint64_t exif_size, xmp_size;
};

static void put_info(GByteArray *out, uint32_t id, const char *type, const char *mime) {
    guint box = begin_box(out, "infe");
    put_number(out, 2 << 24 | 1, 4); // version 2, hidden
    put_number(out, id, 2);
    put_number(out, 0, 2);
    g_byte_array_append(out, (const guint8 *)type, 4);
    put_number(out, 0, 1); // no name
    if (mime != NULL) {
        g_byte_array_append(out, (const guint8 *)mime, (guint)strlen(mime) + 1);
    }
    end_box(out, box);
}

static void put_infos(struct writer *writer) {
    const struct dm_box_at *old = &writer->items.iinf;
    const uint8_t *data = writer->file + old->data;
    bool wide = data[0] > 0;
    guint box = begin_box(writer->out, "iinf");
    guint start = writer->out->len;
    g_byte_array_append(writer->out, data, (guint)(old->end - old->data));
    uint32_t added = (writer->exif_id > 0 ? 1U : 0U) + (writer->xmp_id > 0 ? 1U : 0U);
    if (wide) {
        dm_put_be32(writer->out->data + start + FULL, dm_be32(data + FULL) + added);
    } else {
        dm_put_be16(writer->out->data + start + FULL, dm_be16(data + FULL) + added);
    }
    if (writer->exif_id > 0) {
        put_info(writer->out, writer->exif_id, "Exif", NULL);
    }
    if (writer->xmp_id > 0) {
        put_info(writer->out, writer->xmp_id, "mime", "application/rdf+xml");
    }
    end_box(writer->out, box);
}

static void put_reference(GByteArray *out, uint32_t from, uint32_t to, unsigned id_bytes) {
    guint box = begin_box(out, "cdsc");
    put_number(out, from, id_bytes);
    put_number(out, 1, 2);
    put_number(out, to, id_bytes);
    end_box(out, box);
}

static void put_references(struct writer *writer) {
    const struct dm_box_at *old = &writer->items.iref;
    unsigned id_bytes = 2;
    guint box = begin_box(writer->out, "iref");
    if (old->end > 0 && old->end - old->data >= FULL) {
        const uint8_t *data = writer->file + old->data;
        id_bytes = data[0] == 0 ? 2 : 4;
        g_byte_array_append(writer->out, data, (guint)(old->end - old->data));
    } else {
        put_number(writer->out, 0, FULL);
    }
    if (writer->exif_id > 0) {
        put_reference(writer->out, writer->exif_id, writer->items.primary, id_bytes);
    }
    if (writer->xmp_id > 0) {
        put_reference(writer->out, writer->xmp_id, writer->items.primary, id_bytes);
    }
    end_box(writer->out, box);
}

static void put_location(GByteArray *out, const struct dm_item *item, uint64_t offset) {
    put_number(out, item->id, 2);
    put_number(out, item->method, 2);
    put_number(out, 0, 2);
    put_number(out, 1, 2);
    put_number(out, offset, 4);
    put_number(out, item->size, 4);
}

/** Items behind the meta box move by @delta; the new ones are behind all others, from @end on. */
static void put_locations(struct writer *writer, int64_t delta, uint64_t end) {
    guint box = begin_box(writer->out, "iloc");
    put_number(writer->out, 1 << 24, FULL);
    put_number(writer->out, 0x4400, 2); // offset and length of 4 bytes
    guint count_at = writer->out->len;
    uint32_t count = 0;
    put_number(writer->out, 0, 2);
    for (guint i = 0; i < writer->items.items->len; i++) {
        const struct dm_item *item = &g_array_index(writer->items.items, struct dm_item, i);
        bool moves = item->method == 0 && item->offset >= writer->items.meta.end;
        if (item->size > 0) {
            put_location(writer->out, item, item->offset + (uint64_t)(moves ? delta : 0));
            count++;
        }
    }
    const struct dm_item added[] = {{.id = writer->exif_id, .size = writer->exif_size},
                                    {.id = writer->xmp_id, .size = writer->xmp_size}};
    for (size_t i = 0; i < G_N_ELEMENTS(added); i++) {
        if (added[i].id > 0) {
            put_location(writer->out, &added[i], end);
            end += added[i].size;
            count++;
        }
    }
    dm_put_be16(writer->out->data + count_at, count);
    end_box(writer->out, box);
}

/** A property of the picture's colours. Returns whether there is one. */
static bool put_profile(struct writer *writer) {
    gsize size = 0;
    if (writer->meta->colour.profile == NULL) {
        return false;
    }
    const uint8_t *data = g_bytes_get_data(writer->meta->colour.profile, &size);
    guint box = begin_box(writer->out, "colr");
    g_byte_array_append(writer->out, (const guint8 *)"prof", 4);
    g_byte_array_append(writer->out, data, (guint)size);
    end_box(writer->out, box);
    return true;
}

/** Say the code points, but for the matrix and the range: those are the encoder's. */
static void say_codes(const struct writer *writer, guint box_at) {
    uint8_t *data = writer->out->data + box_at + 8;
    if (writer->meta->colour.has_codes && memcmp(data, "nclx", 4) == 0) {
        dm_put_be16(data + 4, writer->meta->colour.primaries);
        dm_put_be16(data + 6, writer->meta->colour.transfer);
    }
}

/** Copy the properties, without a profile of the encoder's. Returns the new one's number; 0. */
static unsigned put_container(struct writer *writer, const struct dm_box_at *ipco) {
    guint box = begin_box(writer->out, "ipco");
    unsigned index = 1;
    struct dm_box_at old;
    for (size_t at = ipco->data; dm_box_read(writer->file, ipco->end, at, &old); at = old.end) {
        guint start = writer->out->len;
        put_box(writer->out, writer->file, &old);
        if (strcmp(old.name, "colr") == 0 && old.end - old.data >= COLR_NCLX_BYTES) {
            say_codes(writer, start);
        }
        index++;
    }
    bool added = put_profile(writer);
    end_box(writer->out, box);
    return added ? index : 0;
}

/** Copy the associations, and associate the picture with property @index too. */
static bool put_associations(struct writer *writer, unsigned index) {
    struct dm_box_at old;
    struct associations list;
    if (!open_associations(writer->file, &writer->items.iprp, &list, &old) ||
        !go_to_item(&list, writer->items.primary) || (!list.wide_indices && index > 127) ||
        writer->file[list.at] == 255) {
        return false;
    }
    if (index == 0) {
        put_box(writer->out, writer->file, &old);
        return true;
    }
    size_t behind = list.at + 1 + (size_t)writer->file[list.at] * (list.wide_indices ? 2 : 1);
    guint box = begin_box(writer->out, "ipma");
    guint start = writer->out->len;
    g_byte_array_append(writer->out, writer->file + old.data, (guint)(behind - old.data));
    writer->out->data[start + (list.at - old.data)]++;
    put_number(writer->out, index, list.wide_indices ? 2 : 1);
    g_byte_array_append(writer->out, writer->file + behind, (guint)(old.end - behind));
    end_box(writer->out, box);
    return true;
}

static bool put_properties(struct writer *writer) {
    struct dm_box_at ipco;
    const struct dm_box_at *iprp = &writer->items.iprp;
    if (iprp->end == 0 || !dm_box_find(writer->file, iprp->end, iprp->data, "ipco", &ipco)) {
        return false;
    }
    guint box = begin_box(writer->out, "iprp");
    unsigned index = put_container(writer, &ipco);
    bool good = put_associations(writer, index);
    end_box(writer->out, box);
    return good;
}

/** The whole meta box; how far other things move is known when it has been written once. */
static bool put_meta(struct writer *writer, int64_t delta, uint64_t end) {
    const struct dm_box_at *meta = &writer->items.meta;
    struct dm_box_at old;
    guint box = begin_box(writer->out, "meta");
    g_byte_array_append(writer->out, writer->file + meta->data, FULL);
    for (size_t at = meta->data + FULL; dm_box_read(writer->file, meta->end, at, &old);
         at = old.end) {
        bool ours = strstr("iinf iref iloc iprp", old.name) != NULL;
        if (!ours) {
            put_box(writer->out, writer->file, &old);
        }
    }
    put_locations(writer, delta, end);
    put_infos(writer);
    if (writer->items.iref.end > 0 || writer->exif_id > 0 || writer->xmp_id > 0) {
        put_references(writer);
    }
    bool good = put_properties(writer);
    end_box(writer->out, box);
    return good;
}

/** Choose numbers for the new items. False: it has some already, or is nothing that we understand.
 */
static bool choose_items(struct writer *writer) {
    uint32_t highest = 0;
    for (guint i = 0; i < writer->items.items->len; i++) {
        const struct dm_item *item = &g_array_index(writer->items.items, struct dm_item, i);
        highest = MAX(highest, item->id);
        if (item->scattered || item->method > 1 || item->offset + item->size > G_MAXINT32) {
            return false;
        }
    }
    if (writer->meta->exif != NULL) {
        writer->exif_id = ++highest;
        writer->exif_size = 4 + g_bytes_get_size(writer->meta->exif);
    }
    if (writer->meta->xmp != NULL) {
        writer->xmp_id = ++highest;
        writer->xmp_size = g_bytes_get_size(writer->meta->xmp);
    }
    return highest < G_MAXUINT16;
}

static void put_data(struct writer *writer) {
    gsize size = 0;
    if (writer->exif_id == 0 && writer->xmp_id == 0) {
        return;
    }
    guint box = begin_box(writer->out, "mdat");
    if (writer->exif_id > 0) {
        const uint8_t *data = g_bytes_get_data(writer->meta->exif, &size);
        put_number(writer->out, 0, 4);
        g_byte_array_append(writer->out, data, (guint)size);
    }
    if (writer->xmp_id > 0) {
        const uint8_t *data = g_bytes_get_data(writer->meta->xmp, &size);
        g_byte_array_append(writer->out, data, (guint)size);
    }
    end_box(writer->out, box);
}

/** Write the file with items that move by @delta; @ret_moved: by how much they do. */
static bool put_file(struct writer *writer, size_t size, int64_t delta, int64_t *ret_moved) {
    const struct dm_box_at *meta = &writer->items.meta;
    g_byte_array_set_size(writer->out, 0);
    g_byte_array_append(writer->out, writer->file, (guint)meta->start);
    if (!put_meta(writer, delta, (uint64_t)((int64_t)size + delta + 8))) {
        return false;
    }
    *ret_moved = (int64_t)writer->out->len - (int64_t)meta->end;
    g_byte_array_append(writer->out, writer->file + meta->end, (guint)(size - meta->end));
    put_data(writer);
    return true;
}

GByteArray *dm_meta_write_isobmff(const struct dm_meta *meta, const uint8_t *file, size_t size) {
    struct writer writer = {.meta = meta, .file = file, .out = g_byte_array_new()};
    bool good = size < G_MAXINT32 && dm_items_read(file, size, &writer.items) &&
                writer.items.iinf.end - writer.items.iinf.data >= FULL + 4 && choose_items(&writer);
    int64_t delta = 0, moved = 0;
    good = good && put_file(&writer, size, 0, &delta) && put_file(&writer, size, delta, &moved) &&
           moved == delta;
    dm_items_clear(&writer.items);
    if (!good) {
        g_byte_array_unref(writer.out);
        return NULL;
    }
    return writer.out;
}
