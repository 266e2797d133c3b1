// SPDX-License-Identifier: MIT
//
// EXIF rewritten: what must become true, what must go, and what must stay byte for byte.
#include "mpi_worker/codec/exif.h"

#include <glib.h>
#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

static void add(ExifData *exif, ExifIfd ifd, ExifTag tag, ExifFormat format, const void *data,
                unsigned size, unsigned components) {
    ExifEntry *entry = exif_entry_new();
    entry->tag = tag;
    entry->format = format;
    entry->components = components;
    entry->size = size;
    entry->data = malloc(size);
    memcpy(entry->data, data, size);
    exif_content_add_entry(exif->ifd[ifd], entry);
    exif_entry_unref(entry);
}

static const char maker_note[] = "Maker\0\1\2\3 what only this camera understands";
static const uint8_t six[] = {6, 0}, width[] = {0x0F, 0x27, 0, 0}, version[] = "0230";

/** Orientation 6, a width of 9999, a model, a maker note, and a thumbnail. */
static uint8_t *example(size_t *ret_size) {
    ExifData *exif = exif_data_new();
    exif_data_unset_option(exif, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_set_byte_order(exif, EXIF_BYTE_ORDER_INTEL);
    add(exif, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT, six, 2, 1);
    add(exif, EXIF_IFD_0, EXIF_TAG_MODEL, EXIF_FORMAT_ASCII, "Model T", 8, 8);
    add(exif, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, EXIF_FORMAT_LONG, width, 4, 1);
    add(exif, EXIF_IFD_EXIF, EXIF_TAG_EXIF_VERSION, EXIF_FORMAT_UNDEFINED, version, 4, 4);
    add(exif, EXIF_IFD_EXIF, EXIF_TAG_MAKER_NOTE, EXIF_FORMAT_UNDEFINED, maker_note,
        sizeof(maker_note), sizeof(maker_note));
    add(exif, EXIF_IFD_1, EXIF_TAG_COMPRESSION, EXIF_FORMAT_SHORT, six, 2, 1);
    exif->data = malloc(900);
    memset(exif->data, 'T', 900);
    exif->size = 900;
    unsigned char *data = NULL;
    unsigned size = 0;
    exif_data_save_data(exif, &data, &size);
    exif_data_unref(exif);
    *ret_size = size;
    return data;
}

static ExifEntry *entry(ExifData *exif, ExifIfd ifd, ExifTag tag) {
    return exif_content_get_entry(exif->ifd[ifd], tag);
}

static void check(const uint8_t *data, size_t size) {
    g_assert_cmpint(memcmp(data, "Exif\0", 6), ==, 0);
    g_assert_null(memmem(data, size, "TTTT", 4));
    g_assert_nonnull(memmem(data, size, maker_note, sizeof(maker_note)));
    ExifData *exif = exif_data_new_from_data(data, (unsigned)size);
    ExifByteOrder order = exif_data_get_byte_order(exif);
    g_assert_cmpint(exif_get_short(entry(exif, EXIF_IFD_0, EXIF_TAG_ORIENTATION)->data, order), ==,
                    1);
    g_assert_cmpstr((char *)entry(exif, EXIF_IFD_0, EXIF_TAG_MODEL)->data, ==, "Model T");
    ExifEntry *x = entry(exif, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION);
    g_assert_cmpint((int)exif_get_long(x->data, order), ==, 70000);
    g_assert_cmpuint(exif->ifd[EXIF_IFD_1]->count, ==, 0);
    g_assert_null(exif->data);
    exif_data_unref(exif);
}

static void test_rewrite(void) {
    const struct dm_exif_facts facts = {1, 70000, 20};
    size_t size = 0, out_size = 0;
    uint8_t *data = example(&size);
    for (size_t skip = 0; skip <= 6; skip += 6) { // with and without "Exif\0\0" in front
        uint8_t *out = dm_exif_rewrite(data + skip, size - skip, &facts, &out_size);
        g_assert_nonnull(out);
        check(out, out_size);
        free(out);
    }
    free(data);
}

static void test_none(void) {
    struct dm_exif_facts facts = {1, 10, 10};
    size_t size = 0;
    g_assert_null(dm_exif_rewrite(NULL, 0, &facts, &size));
    g_assert_null(dm_exif_rewrite((const uint8_t *)"garbage", 7, &facts, &size));
    facts.orientation = 8;
    uint8_t *out = dm_exif_rewrite(NULL, 0, &facts, &size);
    g_assert_nonnull(out);
    ExifData *exif = exif_data_new_from_data(out, (unsigned)size);
    ExifEntry *orientation = entry(exif, EXIF_IFD_0, EXIF_TAG_ORIENTATION);
    g_assert_cmpint(exif_get_short(orientation->data, exif_data_get_byte_order(exif)), ==, 8);
    exif_data_unref(exif);
    free(out);
}

/** Any damage: no crash, no endless loop; run under the address sanitizer. */
static void test_any_damage(void) {
    const struct dm_exif_facts facts = {3, 10, 10};
    GRand *random = g_rand_new_with_seed(5);
    size_t size = 0, out_size = 0;
    uint8_t *data = example(&size);
    for (int round = 0; round < 3000; round++) {
        uint8_t *hurt = g_memdup2(data, size);
        for (int k = 0; k < 4; k++) {
            hurt[g_rand_int_range(random, 0, 160)] = (uint8_t)g_rand_int(random);
        }
        size_t cut = (size_t)g_rand_int_range(random, 1, (gint32)size + 1);
        uint8_t *out = dm_exif_rewrite(hurt, cut, &facts, &out_size);
        g_assert_true((out == NULL) == (out_size == 0));
        free(out);
        g_free(hurt);
    }
    free(data);
    g_rand_free(random);
}

/** A block whose only directory is @count entries that all point at @target. */
static GByteArray *pointing_block(unsigned count, uint32_t target) {
    static const uint8_t head[] = "Exif\0\0II*\0\x08\0\0\0";
    GByteArray *block = g_byte_array_new();
    g_byte_array_append(block, head, sizeof(head) - 1);
    const uint8_t number[] = {(uint8_t)count, (uint8_t)(count >> 8)};
    g_byte_array_append(block, number, sizeof(number));
    for (unsigned i = 0; i < count; i++) {
        const uint8_t entry[] = {0x69, 0x87, 4, 0, 1, 0, 0, 0, (uint8_t)target, 0, 0, 0};
        g_byte_array_append(block, entry, sizeof(entry));
    }
    g_byte_array_append(block, (const uint8_t *)"\0\0\0", 4);
    return block;
}

/** Directories that point at themselves are not followed, and at once. */
static void test_circles(void) {
    const struct dm_exif_facts facts = {1, 64, 64};
    for (unsigned count = 1; count <= 4900; count = count == 1 ? 4900 : count + 1) {
        g_autoptr(GByteArray) circle = pointing_block(count, 8);
        g_autoptr(GByteArray) straight = pointing_block(count == 1 ? 1 : 16, 0xf0);
        size_t size = 0;
        g_assert_false(dm_exif_is_sane(circle->data, circle->len));
        g_assert_true(dm_exif_is_sane(straight->data, straight->len));
        int64_t begin_us = g_get_monotonic_time();
        g_assert_null(dm_exif_rewrite(circle->data, circle->len, &facts, &size));
        g_assert_cmpint(g_get_monotonic_time() - begin_us, <, 100000); // 4 s without the guard
    }
    g_assert_false(dm_exif_is_sane((const uint8_t *)"Exif\0", 6));
    g_assert_false(dm_exif_is_sane((const uint8_t *)"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0", 16));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exif/circles", test_circles);
    g_test_add_func("/exif/rewrite", test_rewrite);
    g_test_add_func("/exif/none", test_none);
    g_test_add_func("/exif/any-damage", test_any_damage);
    return g_test_run();
}
