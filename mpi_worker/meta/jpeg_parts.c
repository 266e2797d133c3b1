// SPDX-License-Identifier: MIT
//
// See jpeg_parts.h. MPF: CIPA DC-007; gain maps: Ultra HDR Image Format 1.0 and ISO 21496-1.
#include "mpi_worker/meta/jpeg_parts.h"

#include "common/bytes.h"

#include <string.h>

enum {
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    APP0 = 0xE0,
    APP15 = 0xEF,
    COM = 0xFE,
    RST0 = 0xD0,
    TEM = 1
};
enum { MOST_PARTS = 100 };

static const char iso_gain_name[] = "urn:iso:std:iso:ts:21496:-1";

size_t dm_jpeg_end(const uint8_t *data, size_t size, size_t at) {
    while (at + 1 < size) {
        const uint8_t *ff = memchr(data + at, 0xFF, size - at - 1);
        if (ff == NULL) {
            return 0;
        }
        at = (size_t)(ff - data) + 1;
        uint8_t marker = data[at];
        if (marker == EOI) {
            return at + 1;
        }
        if (marker == 0xFF) {
            continue;
        }
        at++;
        bool alone = marker == 0 || marker == TEM || (marker >= RST0 && marker <= SOI);
        if (!alone) {
            if (size - at < 2) {
                return 0;
            }
            at += MAX(dm_be16(data + at), 2);
        }
    }
    return 0;
}

static bool is_jpeg(const uint8_t *data, size_t size) {
    return size > 4 && data[0] == 0xFF && data[1] == SOI && data[2] == 0xFF;
}

static bool says(const uint8_t *data, size_t size, const char *word) {
    return memmem(data, size, word, strlen(word)) != NULL;
}

/** Where the segments of a JPEG end and its first scan begins. */
static size_t find_scan(const uint8_t *data, size_t size) {
    size_t at = 2;
    while (at + 4 <= size && data[at] == 0xFF && data[at + 1] != SOS) {
        at += 2 + MAX((size_t)dm_be16(data + at + 2), 2);
    }
    return MIN(at, size);
}

/** Whether a JPEG says of itself that it is a gain map: Adobe's, Apple's or ISO's. */
static bool is_gain_map(const uint8_t *data, size_t size) {
    size_t head = find_scan(data, size);
    return says(data, head, "hdr-gain-map/1.0") || says(data, head, "hdrgainmap") ||
           says(data, head, iso_gain_name);
}

bool dm_meta_jpeg_is_gain(const struct dm_meta_other *other) {
    gsize size = 0;
    const void *data = g_bytes_get_data(other->bytes, &size);
    return other->code == APP0 + 2 && size >= sizeof(iso_gain_name) &&
           memcmp(data, iso_gain_name, sizeof(iso_gain_name)) == 0;
}

static bool is_film(const uint8_t *data, size_t size) {
    return size > 12 && memcmp(data + 4, "ftyp", 4) == 0;
}

static bool is_box_name(const uint8_t *at) {
    for (int i = 0; i < 4; i++) {
        if (!g_ascii_isprint(at[i])) {
            return false;
        }
    }
    return true;
}

/** Where the boxes of a film end (ISO 14496-12): a gain map may lie behind it. */
static size_t film_end(const uint8_t *data, size_t size) {
    size_t at = 0;
    while (size - at >= 16 && is_box_name(data + at + 4)) {
        uint64_t bytes = dm_be32(data + at);
        if (bytes == 1) {
            bytes = (uint64_t)dm_be32(data + at + 8) << 32 | dm_be32(data + at + 12);
        }
        if (bytes < 8 || bytes > size - at) {
            break;
        }
        at += (size_t)bytes;
    }
    return size - at < 16 || at == 0 ? size : at;
}

/** Add the part that begins at @at. Returns where it ends. */
static size_t add_part(struct dm_meta *meta, const uint8_t *data, size_t size, size_t at) {
    const uint8_t *from = data + at;
    size_t left = size - at;
    if (is_jpeg(from, left)) {
        size_t end = dm_jpeg_end(from, left, 2);
        size_t length = end > 0 ? end : left;
        dm_meta_add_part(meta, is_gain_map(from, length) ? DM_META_GAIN_MAP : DM_META_PICTURE, at,
                         length);
        return at + length;
    }
    if (is_film(from, left)) {
        size_t length = film_end(from, left);
        dm_meta_add_part(meta, DM_META_FILM, at, length);
        return at + length;
    }
    bool film = says(from, left, "MotionPhoto_Data");
    dm_meta_add_part(meta, film ? DM_META_FILM : DM_META_TRAILER, at, left);
    return size;
}

/** A film begins with zeros itself. */
static size_t skip_padding(const uint8_t *data, size_t size, size_t at) {
    while (at < size && data[at] == 0 && !is_film(data + at, size - at)) {
        at++;
    }
    return at;
}

void dm_meta_read_jpeg_parts(struct dm_meta *meta, const uint8_t *data, size_t size, size_t scan) {
    size_t at = dm_jpeg_end(data, size, scan);
    if (at == 0) {
        return;
    }
    at = skip_padding(data, size, at);
    while (at < size && meta->parts->len < MOST_PARTS) {
        at = skip_padding(data, size, add_part(meta, data, size, at));
    }
}

// ---- writing

enum { MPF_BYTES = 90, MPF_HEADER = 8 }; // the segment; where in it offsets count from
enum { PRIMARY = 0x030000, UNDEFINED = 7, LONG = 4 };

static void put_entry(uint8_t *at, unsigned tag, unsigned type, uint32_t count, uint32_t value) {
    dm_put_be16(at, tag);
    dm_put_be16(at + 2, type);
    dm_put_be32(at + 4, count);
    dm_put_be32(at + 8, value);
}

/** The segment that tells of two pictures; it stands at @at in the first. */
static void make_mpf(uint8_t mpf[MPF_BYTES], size_t at, size_t first, size_t second) {
    static const uint8_t start[] = {
        0xFF, 0xE2, 0, MPF_BYTES - 2, 'M', 'P', 'F', 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 3};
    memset(mpf, 0, MPF_BYTES);
    memcpy(mpf, start, sizeof(start));
    uint8_t *entries = mpf + sizeof(start);
    put_entry(entries, 0xB000, UNDEFINED, 4, 0x30313030); // "0100"
    put_entry(entries + 12, 0xB001, LONG, 1, 2);
    put_entry(entries + 24, 0xB002, UNDEFINED, 32, 50);
    uint8_t *pictures = mpf + MPF_HEADER + 50;
    dm_put_be32(pictures, PRIMARY);
    dm_put_be32(pictures + 4, (uint32_t)first);
    dm_put_be32(pictures + 20, (uint32_t)second);
    dm_put_be32(pictures + 24, (uint32_t)(first - at - MPF_HEADER));
}

/** Where the segments of applications end. */
static size_t behind_applications(const GByteArray *picture) {
    size_t at = 2;
    while (at + 4 <= picture->len && picture->data[at] == 0xFF &&
           ((picture->data[at + 1] >= APP0 && picture->data[at + 1] <= APP15) ||
            picture->data[at + 1] == COM)) {
        at += 2 + (size_t)dm_be16(picture->data + at + 2);
    }
    return at;
}

GByteArray *dm_meta_jpeg_join(const GByteArray *picture, const GByteArray *gain_map) {
    size_t at = behind_applications(picture);
    size_t first = picture->len + (size_t)MPF_BYTES;
    uint8_t mpf[MPF_BYTES];
    if (at > picture->len || first + gain_map->len > G_MAXUINT32) {
        return NULL;
    }
    make_mpf(mpf, at, first, gain_map->len);
    GByteArray *out = g_byte_array_sized_new((guint)(first + gain_map->len));
    g_byte_array_append(out, picture->data, (guint)at);
    g_byte_array_append(out, mpf, sizeof(mpf));
    g_byte_array_append(out, picture->data + at, (guint)(picture->len - at));
    g_byte_array_append(out, gain_map->data, gain_map->len);
    return out;
}
