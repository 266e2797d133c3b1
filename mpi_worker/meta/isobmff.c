// SPDX-License-Identifier: MIT
//
// See isobmff.h.
#include "mpi_worker/meta/isobmff.h"

#include "common/bytes.h"

#include <string.h>

enum { MOST_ITEMS = 10000, FULL = 4 }; // version and flags

bool dm_box_read(const uint8_t *file, size_t end, size_t at, struct dm_box_at *ret) {
    if (at > end || end - at < 8) {
        return false;
    }
    uint64_t length = dm_be32(file + at);
    size_t head = 8;
    if (length == 1 && end - at >= 16) {
        length = (uint64_t)dm_be32(file + at + 8) << 32 | dm_be32(file + at + 12);
        head = 16;
    } else if (length == 0) {
        length = end - at;
    }
    if (length < head || length > end - at) {
        return false;
    }
    *ret = (struct dm_box_at){.start = at, .data = at + head, .end = at + (size_t)length};
    memcpy(ret->name, file + at + 4, 4);
    return true;
}

bool dm_box_find(const uint8_t *file, size_t end, size_t at, const char *name,
                 struct dm_box_at *ret) {
    for (struct dm_box_at box; dm_box_read(file, end, at, &box); at = box.end) {
        if (strcmp(box.name, name) == 0) {
            *ret = box;
            return true;
        }
    }
    return false;
}

/** Numbers one after the other, of which too many are 0. */
struct cursor {
    const uint8_t *file;
    size_t at, end;
};

static uint64_t take(struct cursor *cursor, unsigned bytes) {
    uint64_t value = 0;
    if (bytes > cursor->end - cursor->at) {
        cursor->at = cursor->end;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++) {
        value = value << 8 | cursor->file[cursor->at++];
    }
    return value;
}

static struct cursor in_box(const uint8_t *file, const struct dm_box_at *box) {
    return (struct cursor){file, box->data, box->end};
}

static struct dm_item *item_of(struct dm_items *items, uint32_t id) {
    for (guint i = 0; i < items->items->len; i++) {
        struct dm_item *item = &g_array_index(items->items, struct dm_item, i);
        if (item->id == id) {
            return item;
        }
    }
    const struct dm_item added = {.id = id};
    g_array_append_val(items->items, added);
    return &g_array_index(items->items, struct dm_item, items->items->len - 1);
}

static void read_info(const uint8_t *file, const struct dm_box_at *box, struct dm_items *items) {
    struct cursor cursor = in_box(file, box);
    unsigned version = (unsigned)take(&cursor, 1);
    take(&cursor, 3);
    if (strcmp(box->name, "infe") != 0 || version < 2) {
        return;
    }
    struct dm_item *item = item_of(items, (uint32_t)take(&cursor, version == 2 ? 2 : 4));
    take(&cursor, 2); // protection
    if (cursor.end - cursor.at < 4) {
        return;
    }
    memcpy(item->type, file + cursor.at, 4);
    static const char xmp[] = "application/rdf+xml";
    item->is_xmp = memmem(file + cursor.at, cursor.end - cursor.at, xmp, sizeof(xmp) - 1) != NULL;
}

static void read_infos(const uint8_t *file, struct dm_items *items) {
    struct cursor cursor = in_box(file, &items->iinf);
    unsigned version = (unsigned)take(&cursor, 1);
    take(&cursor, 3);
    take(&cursor, version == 0 ? 2 : 4);
    struct dm_box_at box;
    for (size_t at = cursor.at;
         items->items->len < MOST_ITEMS && dm_box_read(file, items->iinf.end, at, &box);
         at = box.end) {
        read_info(file, &box, items);
    }
}

/** The widths that an iloc box uses. */
struct widths {
    unsigned version, offset, length, base, index;
};

static void read_location(struct cursor *cursor, const struct widths *widths,
                          struct dm_items *items) {
    struct dm_item *item = item_of(items, (uint32_t)take(cursor, widths->version < 2 ? 2 : 4));
    item->method = widths->version > 0 ? take(cursor, 2) & 15 : 0;
    take(cursor, 2); // this file
    uint64_t base = take(cursor, widths->base);
    unsigned count = (unsigned)take(cursor, 2);
    item->scattered = count != 1;
    for (unsigned i = 0; i < count && cursor->at < cursor->end; i++) {
        take(cursor, widths->index);
        item->offset = base + take(cursor, widths->offset);
        item->size = take(cursor, widths->length);
    }
}

static void read_locations(const uint8_t *file, struct dm_items *items) {
    struct cursor cursor = in_box(file, &items->iloc);
    struct widths widths = {.version = (unsigned)take(&cursor, 1)};
    take(&cursor, 3);
    unsigned packed = (unsigned)take(&cursor, 2);
    widths.offset = packed >> 12;
    widths.length = packed >> 8 & 15;
    widths.base = packed >> 4 & 15;
    widths.index = widths.version > 0 ? packed & 15 : 0;
    uint64_t count = take(&cursor, widths.version < 2 ? 2 : 4);
    for (uint64_t i = 0; i < count && cursor.at < cursor.end && items->items->len < MOST_ITEMS;
         i++) {
        read_location(&cursor, &widths, items);
    }
}

bool dm_items_read(const uint8_t *file, size_t size, struct dm_items *ret) {
    *ret = (struct dm_items){.items = g_array_new(FALSE, FALSE, sizeof(struct dm_item))};
    struct dm_box_at pitm;
    if (!dm_box_find(file, size, 0, "meta", &ret->meta) || ret->meta.end - ret->meta.data < FULL) {
        return false;
    }
    size_t at = ret->meta.data + FULL, end = ret->meta.end;
    dm_box_find(file, end, at, "iref", &ret->iref);
    dm_box_find(file, end, at, "iprp", &ret->iprp);
    dm_box_find(file, end, at, "idat", &ret->idat);
    if (!dm_box_find(file, end, at, "iinf", &ret->iinf) ||
        !dm_box_find(file, end, at, "iloc", &ret->iloc) ||
        !dm_box_find(file, end, at, "pitm", &pitm)) {
        return false;
    }
    struct cursor cursor = in_box(file, &pitm);
    unsigned version = (unsigned)take(&cursor, 1);
    take(&cursor, 3);
    ret->primary = (uint32_t)take(&cursor, version == 0 ? 2 : 4);
    read_infos(file, ret);
    read_locations(file, ret);
    return true;
}

void dm_items_clear(struct dm_items *items) {
    g_clear_pointer(&items->items, g_array_unref);
}
