// SPDX-License-Identifier: MIT
//
// What files say about themselves: EXIF and XMP edited in place, any damage, and README's table of
// what each format keeps, which is written from the table of containers (UPDATE=1 writes it).
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/xmp_encoding.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

// Orientation 6, a model behind a gap, a maker note that points there, and a thumbnail.
static const uint8_t block[] = {
    'I',  'I',  42,  0,   8,   0,   0,   0,                 // first directory: 8
    3,    0,                                                // 3 entries
    0x10, 0x01, 2,   0,   8,   0,   0,   0, 80,  0,   0, 0, // Model at 80
    0x12, 0x01, 3,   0,   1,   0,   0,   0, 6,   0,   0, 0, // Orientation 6
    0x69, 0x87, 4,   0,   1,   0,   0,   0, 90,  0,   0, 0, // EXIF at 90
    50,   0,    0,   0,                                     // next: IFD1 at 50
    2,    0,                                                // 2 entries
    0x01, 0x02, 4,   0,   1,   0,   0,   0, 122, 0,   0, 0, // thumbnail at 122
    0x02, 0x02, 4,   0,   1,   0,   0,   0, 6,   0,   0, 0, // 6 bytes
    0,    0,    0,   0,                                     //
    'M',  'o',  'd', 'e', 'l', ' ', 'T', 0, 'g', 'p',       // 80
    2,    0,                                                // EXIF: 2 entries
    0x02, 0xA0, 3,   0,   1,   0,   0,   0, 100, 0,   0, 0, // PixelXDimension 100
    0x99, 0x99, 3,   0,   1,   0,   0,   0, 7,   0,   0, 0, // nobody knows
    0,    0,    0,   0,   0,   0,                           //
    'T',  'T',  'T', 'T', 'T', 'T',                         // 122
};

static struct dm_meta_facts plain_facts(void) {
    return (struct dm_meta_facts){.orientation = 1,
                                  .source_width_px = 100,
                                  .source_height_px = 60,
                                  .width_px = 70000,
                                  .height_px = 40,
                                  .place = {0, -1, 1, 1, 0, 0},
                                  .mime = "image/webp"};
}

/** Numbers are overwritten where they stand, the thumbnail goes, and nothing else changes. */
static void test_exif_in_place(void) {
    const struct dm_meta_facts facts = plain_facts();
    struct dm_meta *meta = dm_meta_new();
    meta->exif = g_bytes_new(block, sizeof(block));
    dm_meta_correct(meta, &facts);
    gsize size = 0;
    const uint8_t *out = g_bytes_get_data(meta->exif, &size);
    uint8_t wanted[sizeof(block)];
    memcpy(wanted, block, sizeof(block));
    wanted[30] = 1;                                      // upright
    memset(wanted + 46, 0, 4);                           // no IFD1
    memcpy(wanted + 94, "\4\0\1\0\0\0\x70\x11\1\0", 10); // a LONG now: 70000
    g_assert_cmpuint(size, ==, 122);
    g_assert_true(memcmp(out, wanted, 122) == 0);
    dm_meta_free(meta);
}

static void test_exif_none_made(void) {
    struct dm_meta_facts facts = plain_facts();
    struct dm_meta *meta = dm_meta_new();
    dm_meta_correct(meta, &facts);
    g_assert_null(meta->exif);
    facts.orientation = 6;
    dm_meta_correct(meta, &facts);
    g_assert_nonnull(meta->exif);
    dm_meta_free(meta);
}

static char *correct_xmp(const char *packet, const struct dm_meta_facts *facts) {
    struct dm_meta *meta = dm_meta_new();
    meta->xmp = g_bytes_new(packet, strlen(packet));
    dm_meta_correct(meta, facts);
    gsize size = 0;
    const char *data = g_bytes_get_data(meta->xmp, &size);
    char *text = g_strndup(data, size);
    dm_meta_free(meta);
    return text;
}

#define XMP(body)                                                                                  \
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-"        \
    "syntax-ns#' xmlns:t='http://ns.adobe.com/tiff/1.0/' "                                         \
    "xmlns:xap='http://ns.adobe.com/xap/1.0/'>" body "</r:RDF></x:xmpmeta> \n<?xpacket end='w'?>"

/** Attributes and elements alike, whatever their prefix; all else keeps its bytes. */
static void test_xmp_in_place(void) {
    static const struct {
        const char *from, *to;
    } cases[] = {
        {XMP("<r:Description  t:Orientation = \"6\" t:Make='A &amp; B'/>"),
         XMP("<r:Description  t:Orientation = \"1\" t:Make='A &amp; B'/>")},
        {XMP("<r:Description><t:Orientation>8</t:Orientation><!-- a --></r:Description>"),
         XMP("<r:Description><t:Orientation>1</t:Orientation><!-- a --></r:Description>")},
        {XMP("<r:Description><xap:Thumbnails><r:Alt/></xap:Thumbnails>x</r:Description>"),
         XMP("<r:Description>x</r:Description>")},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"},
        {"no XML", "no XML"},
    };
    const struct dm_meta_facts facts = plain_facts();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = correct_xmp(cases[i].from, &facts);
        g_assert_cmpstr(text, ==, cases[i].to);
    }
}

/** A circle's diameter counts the shorter side; a size in inches becomes one in pixels. */
static void test_circle(void) {
    static const char from[] =
        XMP("<r:Description xmlns:m='http://www.metadataworkinggroup.com/schemas/regions/' "
            "xmlns:a='http://ns.adobe.com/xmp/sType/Area#' "
            "xmlns:d='http://ns.adobe.com/xap/1.0/sType/Dimensions#'><m:Regions "
            "r:parseType='Resource'><m:AppliedToDimensions d:w='5' d:h='3' d:unit='inch'/>"
            "<m:RegionList><r:Bag><r:li><m:Area a:x='0.25' a:y='0.5' a:d='0.5' "
            "a:unit='normalized'/></r:li></r:Bag></m:RegionList></m:Regions></r:Description>");
    struct dm_meta_facts facts = plain_facts();
    facts.width_px = 60;
    facts.height_px = 50; // turned by a quarter, and half as high
    g_autofree char *text = correct_xmp(from, &facts);
    g_assert_nonnull(strstr(text, "d:w='60' d:h='50' d:unit='pixel'"));
    // 30 by 15 pixels: as one that is 21.2, of 50
    g_assert_nonnull(strstr(text, "a:x='0.5' a:y='0.25' a:d='0.424264069'"));
}

static GBytes *to_utf16(const char *text, bool big_endian) {
    GByteArray *out = g_byte_array_new();
    for (const char *c = text; *c != '\0'; c++) {
        const uint8_t unit[] = {big_endian ? 0 : (uint8_t)*c, big_endian ? (uint8_t)*c : 0};
        g_byte_array_append(out, unit, sizeof(unit));
    }
    return g_byte_array_free_to_bytes(out);
}

static void test_xmp_utf16(void) {
    static const char text[] = XMP("<r:Description t:Orientation='6'/>");
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        GBytes *packet = dm_xmp_to_utf8(to_utf16(text, big_endian != 0));
        gsize size = 0;
        const char *data = g_bytes_get_data(packet, &size);
        g_assert_true(size == strlen(text) && memcmp(data, text, size) == 0);
        packet = dm_xmp_to_utf8(packet); // as it is
        g_assert_true(g_bytes_get_data(packet, NULL) == data);
        g_bytes_unref(packet);
    }
}

// A BigTIFF: Model, and EXIF with a maker note that keeps its place.
static const uint8_t big[] = {
    'I',  'I',  43,  0,   8,   0,   0,   0,        // header
    16,   0,    0,   0,   0,   0,   0,   0,        // first directory: 16
    2,    0,    0,   0,   0,   0,   0,   0,        // 2 entries
    0x10, 0x01, 2,   0,   6,   0,   0,   0,        // Model, 6 bytes ...
    0,    0,    0,   0,                            //
    'M',  'o',  'd', 'e', 'l', 0,   0,   0,        // ... in the entry
    0x69, 0x87, 18,  0,   1,   0,   0,   0,        // EXIF ...
    0,    0,    0,   0,                            //
    72,   0,    0,   0,   0,   0,   0,   0,        // ... at 72
    0,    0,    0,   0,   0,   0,   0,   0,        // no other page
    1,    0,    0,   0,   0,   0,   0,   0,        // 72: 1 entry
    0x7C, 0x92, 7,   0,   9,   0,   0,   0,        // maker note, 9 bytes ...
    0,    0,    0,   0,                            //
    108,  0,    0,   0,   0,   0,   0,   0,        // ... at 108
    0,    0,    0,   0,   0,   0,   0,   0,        //
    'a',  ' ',  'n', 'o', 't', 'e', ' ', 'X', 'Y', // 108
};

static void test_big_tiff(void) {
    struct dm_meta *meta = dm_meta_read("tiff", big, sizeof(big), 0);
    struct dm_exif exif;
    struct dm_exif_entry model, note;
    gsize size = 0;
    g_assert_nonnull(meta->exif);
    void *data = (void *)g_bytes_get_data(meta->exif, &size);
    g_assert_true(dm_exif_open(&exif, data, size));
    g_assert_true(dm_exif_find(&exif, DM_EXIF_IFD0, 0x110, &model));
    g_assert_cmpstr((const char *)exif.data + model.value_at, ==, "Model");
    g_assert_true(dm_exif_find(&exif, DM_EXIF_EXIF, 0x927C, &note));
    g_assert_cmpuint(note.value_at, ==, 108);
    g_assert_true(memcmp(exif.data + note.value_at, "a note XY", 9) == 0);
    dm_meta_free(meta);
}

/** Any damage of a BigTIFF; see test_any_damage(). */
static void test_big_damage(void) {
    GRand *random = g_rand_new_with_seed(6);
    for (int round = 0; round < 3000; round++) {
        uint8_t hurt[sizeof(big)];
        memcpy(hurt, big, sizeof(big));
        for (int k = 0; k < 3; k++) {
            hurt[g_rand_int_range(random, 8, (gint32)sizeof(big))] = (uint8_t)g_rand_int(random);
        }
        size_t cut = (size_t)g_rand_int_range(random, 16, (gint32)sizeof(big) + 1);
        dm_meta_free(dm_meta_read("tiff", hurt, cut, round % 3));
    }
    g_rand_free(random);
}

/** Any damage of any container: no crash, no endless loop; run under the address sanitizer. */
static void test_any_damage(void) {
    static const char *const formats[] = {"jpeg", "png", "webp", "tiff", "gif", "avif", "heif"};
    const struct dm_meta_facts facts = plain_facts();
    GRand *random = g_rand_new_with_seed(5);
    for (int round = 0; round < 3000; round++) {
        uint8_t hurt[sizeof(block)];
        memcpy(hurt, block, sizeof(block));
        for (int k = 0; k < 4; k++) {
            hurt[g_rand_int_range(random, 0, (gint32)sizeof(block))] = (uint8_t)g_rand_int(random);
        }
        size_t cut = (size_t)g_rand_int_range(random, 1, (gint32)sizeof(block) + 1);
        struct dm_meta *meta =
            dm_meta_read(formats[(size_t)round % G_N_ELEMENTS(formats)], hurt, cut, round % 3);
        dm_meta_take(&meta->exif, g_bytes_new(hurt, cut));
        dm_meta_correct(meta, &facts);
        g_assert_cmpuint(g_bytes_get_size(meta->exif), <=, cut);
        dm_meta_free(meta);
    }
    g_rand_free(random);
}

// ---- README

static char *table(void) {
    static const char *const formats[] = {"jpeg", "png", "webp", "tiff", "gif", "avif"};
    GString *text = g_string_new("| |");
    for (size_t f = 0; f < G_N_ELEMENTS(formats); f++) {
        g_string_append_printf(text, " %s |", formats[f]);
    }
    g_string_append(text, "\n|---|---|---|---|---|---|---|\n");
    for (int kind = 0; kind < DM_META_KINDS; kind++) {
        g_string_append_printf(text, "| %s |", dm_meta_kind_name((enum dm_meta_kind)kind));
        for (size_t f = 0; f < G_N_ELEMENTS(formats); f++) {
            bool holds = dm_meta_container(formats[f])->holds >> kind & 1;
            g_string_append_printf(text, " %s |", holds ? "kept" : "-");
        }
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static void test_readme(void) {
    static const char begin[] = "do not edit: KEPT -->\n", end[] = "<!-- END KEPT -->";
    g_autofree char *readme = NULL, *wanted = table();
    if (!g_file_get_contents("README.md", &readme, NULL, NULL)) {
        g_test_skip("not run from the root of the sources");
        return;
    }
    char *start = strstr(readme, begin), *stop = strstr(readme, end);
    g_assert_nonnull(start);
    g_assert_nonnull(stop);
    start += sizeof(begin) - 1;
    g_autofree char *found = g_strndup(start, (gsize)(stop - start));
    if (g_getenv("UPDATE") != NULL && strcmp(found, wanted) != 0) {
        g_autofree char *before = g_strndup(readme, (gsize)(start - readme));
        g_autofree char *text = g_strconcat(before, wanted, stop, NULL);
        g_assert_true(g_file_set_contents("README.md", text, -1, NULL));
        return;
    }
    g_assert_cmpstr(found, ==, wanted);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/meta/exif_in_place", test_exif_in_place);
    g_test_add_func("/meta/exif_none_made", test_exif_none_made);
    g_test_add_func("/meta/xmp_in_place", test_xmp_in_place);
    g_test_add_func("/meta/circle", test_circle);
    g_test_add_func("/meta/xmp_utf16", test_xmp_utf16);
    g_test_add_func("/meta/big_tiff", test_big_tiff);
    g_test_add_func("/meta/big_damage", test_big_damage);
    g_test_add_func("/meta/any_damage", test_any_damage);
    g_test_add_func("/meta/readme", test_readme);
    return g_test_run();
}
