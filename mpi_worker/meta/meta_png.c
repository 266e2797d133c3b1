// SPDX-License-Identifier: MIT
//
// PNG: chunks (PNG 3rd edition, 11). Texts have names, which tell XMP and the raw profiles of
// ImageMagick and exiftool from the rest.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"
#include "mpi_worker/meta/photoshop.h"
#include "mpi_worker/meta/squeeze.h"

#include <string.h>
#include <zlib.h>

#define XMP_KEYWORD "XML:com.adobe.xmp"
#define RAW_PREFIX "Raw profile type "

enum { SIGNATURE_BYTES = 8, KEYWORD_MAX = 79, PLACE_BEFORE_PIXELS = 1 };

struct chunk {
    char name[5];
    const uint8_t *data;
    size_t size;
};

// ---- reading

static void take_array(GBytes **block, GByteArray *bytes, size_t head) {
    if (bytes != NULL && *block == NULL && bytes->len > head) {
        *block = g_bytes_new(bytes->data + head, bytes->len - head);
    }
    if (bytes != NULL) {
        g_byte_array_unref(bytes);
    }
}

static bool begins(const GByteArray *bytes, const char *word, size_t size) {
    return bytes->len > size && memcmp(bytes->data, word, size) == 0;
}

static void take_photoshop(struct dm_meta *meta, GByteArray *bytes) {
    static const char name[] = "Photoshop 3.0";
    size_t head = begins(bytes, name, sizeof(name)) ? sizeof(name) : 0;
    if (bytes->len > head && bytes->data[head] == 0x1C && meta->photoshop == NULL) {
        meta->photoshop = dm_photoshop_add_iptc(NULL, bytes->data + head, bytes->len - head);
    }
    take_array(&meta->photoshop, bytes, head);
}

/** A raw profile. False: it is none that we know. */
static bool read_raw(struct dm_meta *meta, const char *keyword, const char *text) {
    static const char xmp_name[] = "http://ns.adobe.com/xap/1.0/";
    const char *kind = keyword + strlen(RAW_PREFIX);
    GByteArray *bytes = dm_raw_profile_read(text, strlen(text));
    if (bytes == NULL) {
        return false;
    }
    if (begins(bytes, "Exif\0", 6)) {
        take_array(&meta->exif, bytes, 6);
    } else if (begins(bytes, xmp_name, sizeof(xmp_name))) {
        take_array(&meta->xmp, bytes, sizeof(xmp_name));
    } else if (strcmp(kind, "xmp") == 0) {
        take_array(&meta->xmp, bytes, 0);
    } else if (strcmp(kind, "exif") == 0) {
        take_array(&meta->exif, bytes, 0);
    } else if (strcmp(kind, "icc") == 0 || strcmp(kind, "icm") == 0) {
        take_array(&meta->colour.profile, bytes, 0);
    } else if (strcmp(kind, "iptc") == 0 || strcmp(kind, "8bim") == 0) {
        take_photoshop(meta, bytes);
    } else {
        g_byte_array_unref(bytes);
        return false;
    }
    return true;
}

static void add_text(struct dm_meta *meta, const char *keyword, const char *language,
                     const char *text) {
    if (strcmp(keyword, XMP_KEYWORD) == 0) {
        if (meta->xmp == NULL) {
            meta->xmp = g_bytes_new(text, strlen(text));
        }
    } else if (!g_str_has_prefix(keyword, RAW_PREFIX) || !read_raw(meta, keyword, text)) {
        dm_meta_add_text(meta, keyword, language, text);
    }
}

/** Latin-1 of @size bytes as UTF-8, up to the first 0. iconv would open files, in the jail. */
static char *from_latin1(const uint8_t *data, size_t size) {
    GString *text = g_string_sized_new(size);
    for (size_t i = 0; i < size && data[i] != 0; i++) {
        g_string_append_unichar(text, data[i]);
    }
    return g_string_free(text, FALSE);
}

/** The other way; NULL: it is no UTF-8, or it has letters that Latin-1 has not. */
static char *to_latin1(const char *utf8) {
    if (!g_utf8_validate(utf8, -1, NULL)) {
        return NULL;
    }
    GString *text = g_string_new(NULL);
    for (const char *at = utf8; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (letter > 255) {
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_c(text, (char)letter);
    }
    return g_string_free(text, FALSE);
}

/** Inflate what is text; NULL: damaged. */
static char *inflate_text(const uint8_t *data, size_t size) {
    GByteArray *bytes = dm_inflate(data, size);
    char *text = bytes != NULL ? g_strndup((const char *)bytes->data, bytes->len) : NULL;
    if (bytes != NULL) {
        g_byte_array_unref(bytes);
    }
    return text;
}

/** Whether a text has a name, which ends at @zero; one without is left out. */
static bool is_keyword(struct dm_meta *meta, const struct chunk *chunk, const uint8_t *zero) {
    bool good = zero != NULL && zero > chunk->data && zero - chunk->data <= KEYWORD_MAX;
    if (!good) {
        dm_meta_remark(meta, "a damaged text left out");
    }
    return good;
}

/** tEXt and zTXt: keyword, 0, (method,) text in Latin-1. */
static void read_text(struct dm_meta *meta, const struct chunk *chunk, bool packed) {
    const uint8_t *zero = memchr(chunk->data, 0, chunk->size);
    if (!is_keyword(meta, chunk, zero)) {
        return;
    }
    g_autofree char *keyword = from_latin1(chunk->data, (size_t)(zero - chunk->data));
    const uint8_t *text = zero + 1 + packed;
    const uint8_t *end = chunk->data + chunk->size;
    if (text > end) {
        return;
    }
    if (!packed && memchr(text, 0, (size_t)(end - text)) != NULL) { // it is no text
        dm_meta_add_other(meta, 0, chunk->name, PLACE_BEFORE_PIXELS,
                          g_bytes_new(chunk->data, chunk->size));
        return;
    }
    g_autofree char *plain = packed ? inflate_text(text, (size_t)(end - text))
                                    : g_strndup((const char *)text, (size_t)(end - text));
    g_autofree char *utf8 =
        plain != NULL ? from_latin1((const uint8_t *)plain, strlen(plain)) : NULL;
    if (utf8 != NULL) {
        add_text(meta, keyword, "", utf8);
    } else {
        dm_meta_remark(meta, "a damaged text left out");
    }
}

/** iTXt: keyword, 0, packed, method, language, 0, translated keyword, 0, text in UTF-8. */
static void read_international(struct dm_meta *meta, const struct chunk *chunk) {
    const uint8_t *end = chunk->data + chunk->size;
    const uint8_t *zero = memchr(chunk->data, 0, chunk->size);
    if (!is_keyword(meta, chunk, zero) || end - zero < 5) {
        return;
    }
    bool packed = zero[1] == 1;
    const uint8_t *language = zero + 3;
    const uint8_t *language_end = memchr(language, 0, (size_t)(end - language));
    const uint8_t *text =
        language_end == NULL ? NULL : memchr(language_end + 1, 0, (size_t)(end - language_end - 1));
    if (text == NULL) {
        return;
    }
    text++;
    g_autofree char *keyword = from_latin1(chunk->data, (size_t)(zero - chunk->data));
    g_autofree char *plain = packed ? inflate_text(text, (size_t)(end - text))
                                    : g_strndup((const char *)text, (size_t)(end - text));
    if (plain != NULL) {
        add_text(meta, keyword, (const char *)language, plain);
    } else {
        dm_meta_remark(meta, "a damaged text left out");
    }
}

static void read_profile(struct dm_meta *meta, const struct chunk *chunk) {
    const uint8_t *zero = memchr(chunk->data, 0, chunk->size);
    const uint8_t *end = chunk->data + chunk->size;
    if (zero == NULL || end - zero < 3) {
        return;
    }
    GByteArray *profile = dm_inflate(zero + 2, (size_t)(end - zero - 2));
    if (profile == NULL) {
        dm_meta_remark(meta, "a damaged colour profile left out");
    }
    take_array(&meta->colour.profile, profile, 0);
}

static void read_numbers(struct dm_meta *meta, const struct chunk *chunk) {
    struct dm_meta_colour *colour = &meta->colour;
    if (strcmp(chunk->name, "gAMA") == 0 && chunk->size == 4) {
        colour->gamma = dm_be32(chunk->data);
    } else if (strcmp(chunk->name, "cHRM") == 0 && chunk->size == 32) {
        colour->has_chroma = true;
        for (size_t i = 0; i < 8; i++) {
            colour->chroma[i] = dm_be32(chunk->data + 4 * i);
        }
    } else if (strcmp(chunk->name, "sRGB") == 0) {
        colour->srgb = true;
        colour->srgb_intent = chunk->size > 0 ? chunk->data[0] : 0;
    } else if (strcmp(chunk->name, "cICP") == 0 && chunk->size == 4) {
        colour->has_codes = true;
        colour->primaries = chunk->data[0];
        colour->transfer = chunk->data[1];
        colour->matrix = chunk->data[2];
        colour->full_range = chunk->data[3] != 0;
    } else if (strcmp(chunk->name, "pHYs") == 0 && chunk->size == 9) {
        double x = dm_be32(chunk->data), y = dm_be32(chunk->data + 4);
        bool metre = chunk->data[8] == 1;
        if (x > 0 && y > 0 && (metre || x != y)) {
            meta->resolution = metre
                                   ? (struct dm_meta_resolution){x / 100, y / 100, DM_META_UNIT_CM}
                                   : (struct dm_meta_resolution){x, y, DM_META_UNIT_NONE};
        }
    }
}

static bool is_one_of(const char *name, const char *list) {
    return strstr(list, name) != NULL;
}

/** What is no text, no number and no profile: some of it is about the coding, which is new. */
static void read_other(struct dm_meta *meta, const struct chunk *chunk, int place) {
    bool ancillary = chunk->name[0] & 0x20, safe_to_copy = chunk->name[3] & 0x20;
    if (!ancillary || is_one_of(chunk->name, "tRNS bKGD sBIT hIST acTL fcTL fdAT iDOT dSIG")) {
        return;
    }
    if (safe_to_copy || is_one_of(chunk->name, "tIME pCAL sCAL")) {
        dm_meta_add_other(meta, 0, chunk->name, place, g_bytes_new(chunk->data, chunk->size));
    } else {
        dm_meta_remark(meta, "%s left out, which only fits the pixels as they were", chunk->name);
    }
}

static void read_chunk(struct dm_meta *meta, const struct chunk *chunk, int place) {
    if (strcmp(chunk->name, "eXIf") == 0) {
        if (chunk->size > 0) { // it is the standard's, the raw profile a makeshift
            dm_meta_take(&meta->exif, g_bytes_new(chunk->data, chunk->size));
        }
    } else if (strcmp(chunk->name, "tEXt") == 0) {
        read_text(meta, chunk, false);
    } else if (strcmp(chunk->name, "zTXt") == 0) {
        read_text(meta, chunk, true);
    } else if (strcmp(chunk->name, "iTXt") == 0) {
        read_international(meta, chunk);
    } else if (strcmp(chunk->name, "iCCP") == 0) {
        read_profile(meta, chunk);
    } else if (is_one_of(chunk->name, "gAMA cHRM sRGB cICP pHYs")) {
        read_numbers(meta, chunk);
    } else {
        read_other(meta, chunk, place);
    }
}

void dm_meta_read_png(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    (void)page;
    int place = PLACE_BEFORE_PIXELS;
    for (size_t at = SIGNATURE_BYTES; at + 12 <= size;) {
        struct chunk chunk = {.data = data + at + 8, .size = dm_be32(data + at)};
        memcpy(chunk.name, data + at + 4, 4);
        if (chunk.size > size - at - 12) {
            return;
        }
        at += 12 + chunk.size;
        if (strcmp(chunk.name, "IEND") == 0) {
            if (at < size) {
                dm_meta_add_part(meta, DM_META_TRAILER, at, size - at);
            }
            return;
        }
        place = strcmp(chunk.name, "IDAT") == 0 ? PLACE_BEFORE_PIXELS + 1 : place;
        read_chunk(meta, &chunk, place);
    }
}

// ---- writing

static void put_chunk(GByteArray *out, const char *name, const void *data, size_t size) {
    uint8_t number[4];
    dm_put_be32(number, (uint32_t)size);
    g_byte_array_append(out, number, 4);
    guint start = out->len;
    g_byte_array_append(out, (const guint8 *)name, 4);
    g_byte_array_append(out, data, (guint)size);
    dm_put_be32(number, (uint32_t)crc32(0, out->data + start, out->len - start));
    g_byte_array_append(out, number, 4);
}

static void put_profile(GByteArray *out, GBytes *profile) {
    static const char name[] = "ICC profile\0"; // and the method, 0
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(profile, &size);
    GByteArray *packed = dm_deflate(data, size);
    g_byte_array_prepend(packed, (const guint8 *)name, sizeof(name));
    put_chunk(out, "iCCP", packed->data, packed->len);
    g_byte_array_unref(packed);
}

static void put_colour(GByteArray *out, const struct dm_meta_colour *colour) {
    uint8_t bytes[32];
    if (colour->has_codes) {
        const uint8_t codes[] = {colour->primaries, colour->transfer, 0, colour->full_range};
        put_chunk(out, "cICP", codes, sizeof(codes));
    }
    if (colour->profile != NULL) {
        put_profile(out, colour->profile);
    } else if (colour->srgb) {
        put_chunk(out, "sRGB", &colour->srgb_intent, 1);
    }
    if (colour->gamma > 0) {
        dm_put_be32(bytes, colour->gamma);
        put_chunk(out, "gAMA", bytes, 4);
    }
    if (colour->has_chroma) {
        for (size_t i = 0; i < 8; i++) {
            dm_put_be32(bytes + 4 * i, colour->chroma[i]);
        }
        put_chunk(out, "cHRM", bytes, sizeof(bytes));
    }
}

static void put_resolution(GByteArray *out, const struct dm_meta_resolution *resolution) {
    static const double metre[] = {
        [DM_META_UNIT_NONE] = 1, [DM_META_UNIT_INCH] = 100 / 2.54, [DM_META_UNIT_CM] = 100};
    uint8_t bytes[9];
    double x = resolution->x * metre[resolution->unit], y = resolution->y * metre[resolution->unit];
    if (!(x >= 0.5 && y >= 0.5 && x < G_MAXINT32 && y < G_MAXINT32)) {
        return;
    }
    dm_put_be32(bytes, (uint32_t)(x + 0.5));
    dm_put_be32(bytes + 4, (uint32_t)(y + 0.5));
    bytes[8] = resolution->unit != DM_META_UNIT_NONE;
    put_chunk(out, "pHYs", bytes, sizeof(bytes));
}

static void put_international(GByteArray *out, const char *keyword, const char *language,
                              const char *text, size_t size) {
    GByteArray *chunk = g_byte_array_new();
    g_byte_array_append(chunk, (const guint8 *)keyword, (guint)strlen(keyword) + 1);
    g_byte_array_append(chunk, (const guint8 *)"\0", 2); // not packed
    g_byte_array_append(chunk, (const guint8 *)language, (guint)strlen(language) + 1);
    g_byte_array_append(chunk, (const guint8 *)"", 1);
    g_byte_array_append(chunk, (const guint8 *)text, (guint)size);
    put_chunk(out, "iTXt", chunk->data, chunk->len);
    g_byte_array_unref(chunk);
}

/** In Latin-1 where that will do. */
static void put_text(GByteArray *out, const char *keyword, const char *language, const char *text) {
    g_autofree char *key = to_latin1(keyword);
    g_autofree char *plain = to_latin1(text);
    if (key == NULL || *key == '\0' || strlen(key) > KEYWORD_MAX) {
        return;
    }
    if (plain == NULL || *language != '\0') {
        put_international(out, key, language, text, strlen(text));
        return;
    }
    GByteArray *chunk = g_byte_array_new();
    g_byte_array_append(chunk, (const guint8 *)key, (guint)strlen(key) + 1);
    g_byte_array_append(chunk, (const guint8 *)plain, (guint)strlen(plain));
    put_chunk(out, "tEXt", chunk->data, chunk->len);
    g_byte_array_unref(chunk);
}

static void put_comment(GByteArray *out, GBytes *comment) {
    gsize size = 0;
    const char *data = g_bytes_get_data(comment, &size);
    g_autofree char *text = g_strndup(data != NULL ? data : "", size);
    g_autofree char *utf8 = g_utf8_validate(text, -1, NULL)
                                ? g_strdup(text)
                                : from_latin1((const uint8_t *)text, strlen(text));
    put_text(out, "Comment", "", utf8);
}

/** As exiftool and ImageMagick write it, in digits. */
static void put_photoshop(GByteArray *out, GBytes *photoshop) {
    static const char head[] = RAW_PREFIX "iptc\0"; // and the method, 0
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(photoshop, &size);
    g_autofree char *digits = dm_raw_profile_write("iptc", data, size);
    GByteArray *packed = dm_deflate((const uint8_t *)digits, strlen(digits));
    g_byte_array_prepend(packed, (const guint8 *)head, sizeof(head));
    put_chunk(out, "zTXt", packed->data, packed->len);
    g_byte_array_unref(packed);
}

static void put_block(GByteArray *out, const char *name, GBytes *block) {
    gsize size = 0;
    if (block != NULL) {
        const void *data = g_bytes_get_data(block, &size);
        put_chunk(out, name, data, size);
    }
}

static void put_said(GByteArray *out, const struct dm_meta *meta) {
    gsize size = 0;
    put_block(out, "eXIf", meta->exif);
    put_resolution(out, &meta->resolution);
    for (guint i = 0; i < meta->others->len; i++) {
        const struct dm_meta_other *other = meta->others->pdata[i];
        put_block(out, other->name, other->bytes);
    }
    for (guint i = 0; i < meta->texts->len; i++) {
        const struct dm_meta_text *text = meta->texts->pdata[i];
        put_text(out, text->keyword, text->language, text->text);
    }
    for (guint i = 0; i < meta->comments->len; i++) {
        put_comment(out, meta->comments->pdata[i]);
    }
    if (meta->photoshop != NULL) {
        put_photoshop(out, meta->photoshop);
    }
    if (meta->xmp != NULL) {
        const char *xmp = g_bytes_get_data(meta->xmp, &size);
        put_international(out, XMP_KEYWORD, "", xmp, size);
    }
}

GByteArray *dm_meta_png_chunks(const struct dm_meta *meta, bool behind_palette) {
    GByteArray *out = g_byte_array_new();
    if (behind_palette) {
        put_said(out, meta);
    } else {
        put_colour(out, &meta->colour);
    }
    return out;
}
