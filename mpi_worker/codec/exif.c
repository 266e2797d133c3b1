// SPDX-License-Identifier: MIT
//
// EXIF through libexif, which libvips brings anyway. libexif would by default also "correct" what
// other cameras wrote and rearrange maker notes: both are switched off.
#include "mpi_worker/codec/exif.h"

#include <glib.h>
#include <libexif/exif-data.h>
#include <stdbool.h>
#include <string.h>

static const char prefix[] = "Exif\0"; // and its closing 0: six bytes

static ExifData *parse(const uint8_t *data, size_t size) {
    ExifData *exif = exif_data_new();
    exif_data_unset_option(exif, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_set_option(exif, EXIF_DATA_OPTION_DONT_CHANGE_MAKER_NOTE);
    if (data == NULL) {
        exif_data_set_byte_order(exif, EXIF_BYTE_ORDER_INTEL);
        return exif;
    }
    if (size >= sizeof(prefix) && memcmp(data, prefix, sizeof(prefix)) == 0) {
        exif_data_load_data(exif, data, (unsigned)size);
        return exif;
    }
    uint8_t *with_prefix = g_malloc(size + sizeof(prefix));
    memcpy(with_prefix, prefix, sizeof(prefix));
    memcpy(with_prefix + sizeof(prefix), data, size);
    exif_data_load_data(exif, with_prefix, (unsigned)(size + sizeof(prefix)));
    g_free(with_prefix);
    return exif;
}

/** Whether anything at all was understood. */
static bool has_entries(const ExifData *exif) {
    for (int i = 0; i < EXIF_IFD_COUNT; i++) {
        if (exif->ifd[i]->count > 0) {
            return true;
        }
    }
    return false;
}

/** The second directory describes the thumbnail, which may show what was cropped away since. */
static void drop_thumbnail(ExifData *exif) {
    ExifMem *memory = exif_mem_new_default();
    exif_mem_free(memory, exif->data);
    exif_mem_unref(memory);
    exif->data = NULL;
    exif->size = 0;
    ExifContent *thumbnail = exif->ifd[EXIF_IFD_1];
    while (thumbnail->count > 0) {
        exif_content_remove_entry(thumbnail, thumbnail->entries[0]);
    }
}

/** Give @tag one number of @type, whatever it held before. */
static void put_number(ExifData *exif, ExifIfd ifd, ExifTag tag, ExifFormat type, uint32_t number) {
    ExifEntry *old = exif_content_get_entry(exif->ifd[ifd], tag);
    if (old != NULL) {
        exif_content_remove_entry(exif->ifd[ifd], old);
    }
    ExifMem *memory = exif_mem_new_default();
    ExifEntry *entry = exif_entry_new_mem(memory);
    entry->tag = tag;
    entry->format = type;
    entry->components = 1;
    entry->size = exif_format_get_size(type);
    entry->data = exif_mem_alloc(memory, entry->size);
    exif_content_add_entry(exif->ifd[ifd], entry);
    ExifByteOrder order = exif_data_get_byte_order(exif);
    if (type == EXIF_FORMAT_SHORT) {
        exif_set_short(entry->data, order, (ExifShort)number);
    } else {
        exif_set_long(entry->data, order, number);
    }
    exif_entry_unref(entry);
    exif_mem_unref(memory);
}

static bool has_entry(const ExifData *exif, ExifIfd ifd, ExifTag tag) {
    return exif_content_get_entry(exif->ifd[ifd], tag) != NULL;
}

static void state_facts(ExifData *exif, const struct dm_exif_facts *facts) {
    if (facts->orientation > 1 || has_entry(exif, EXIF_IFD_0, EXIF_TAG_ORIENTATION)) {
        put_number(exif, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT,
                   (uint32_t)facts->orientation);
    }
    const struct {
        ExifIfd ifd;
        ExifTag tag;
        int64_t value;
    } sizes[] = {
        {EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, facts->width_px},
        {EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, facts->height_px},
        {EXIF_IFD_0, EXIF_TAG_IMAGE_WIDTH, facts->width_px},
        {EXIF_IFD_0, EXIF_TAG_IMAGE_LENGTH, facts->height_px},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (has_entry(exif, sizes[i].ifd, sizes[i].tag)) {
            put_number(exif, sizes[i].ifd, sizes[i].tag, EXIF_FORMAT_LONG,
                       (uint32_t)sizes[i].value);
        }
    }
}

uint8_t *dm_exif_rewrite(const uint8_t *data, size_t size, const struct dm_exif_facts *facts,
                         size_t *ret_size) {
    ExifData *exif = parse(data, size);
    drop_thumbnail(exif);
    unsigned char *out = NULL;
    unsigned out_size = 0;
    if (has_entries(exif) || facts->orientation > 1) {
        state_facts(exif, facts);
        exif_data_save_data(exif, &out, &out_size);
    }
    exif_data_unref(exif);
    *ret_size = out_size;
    return out;
}

/** Give it out as bytes, and free it; NULL when it is empty. */
static uint8_t *save_and_free(ExifData *exif, size_t *ret_size) {
    unsigned char *out = NULL;
    unsigned size = 0;
    if (has_entries(exif)) {
        exif_data_save_data(exif, &out, &size);
    }
    exif_data_unref(exif);
    *ret_size = size;
    return out;
}

/** What a TIFF's first directory says of its own strips and samples, which EXIF has no part in. */
static bool is_structure(ExifTag tag) {
    return tag < 270 || (tag >= 273 && tag <= 284) || tag == 296 || tag == 301 ||
           (tag >= 317 && tag <= 559) || (tag > 559 && tag < EXIF_TAG_COPYRIGHT && tag != 18246) ||
           (tag > EXIF_TAG_COPYRIGHT && tag < EXIF_TAG_XP_TITLE) || tag > EXIF_TAG_XP_SUBJECT;
}

uint8_t *dm_exif_from_tiff(const uint8_t *data, size_t size, size_t *ret_size) {
    *ret_size = 0;
    if (size > UINT32_MAX / 2) {
        return NULL;
    }
    ExifData *exif = parse(data, size);
    drop_thumbnail(exif);
    ExifContent *first = exif->ifd[EXIF_IFD_0];
    for (unsigned i = first->count; i > 0; i--) {
        if (is_structure(first->entries[i - 1]->tag) &&
            first->entries[i - 1]->tag != EXIF_TAG_ORIENTATION) {
            exif_content_remove_entry(first, first->entries[i - 1]);
        }
    }
    return save_and_free(exif, ret_size);
}

uint8_t *dm_exif_little_endian(const uint8_t *data, size_t size, size_t *ret_size) {
    ExifData *exif = parse(data, size);
    exif_data_set_byte_order(exif, EXIF_BYTE_ORDER_INTEL);
    return save_and_free(exif, ret_size);
}
