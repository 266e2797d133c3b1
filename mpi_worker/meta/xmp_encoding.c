// SPDX-License-Identifier: MIT
//
// See xmp_encoding.h. A packet begins with "<", before which there may be a byte order mark.
#include "mpi_worker/meta/xmp_encoding.h"

#include "common/bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** How a packet begins; the longer ones come first. */
static const struct encoding {
    uint8_t begin[4];
    size_t begin_bytes;
    // Of a unit.
    size_t width;
    bool big_endian, mark;
} encodings[] = {
    {{0, 0, 0xFE, 0xFF}, 4, 4, true, true}, {{0xFF, 0xFE, 0, 0}, 4, 4, false, true},
    {{0, 0, 0, '<'}, 4, 4, true, false},    {{'<', 0, 0, 0}, 4, 4, false, false},
    {{0xFE, 0xFF}, 2, 2, true, true},       {{0xFF, 0xFE}, 2, 2, false, true},
    {{0, '<'}, 2, 2, true, false},          {{'<', 0}, 2, 2, false, false},
};

static const struct encoding *find_encoding(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
        const struct encoding *encoding = &encodings[i];
        if (size >= encoding->begin_bytes &&
            memcmp(data, encoding->begin, encoding->begin_bytes) == 0) {
            return encoding;
        }
    }
    return NULL;
}

static uint32_t unit_at(const struct encoding *encoding, const uint8_t *at) {
    if (encoding->width == 4) {
        return encoding->big_endian ? dm_be32(at) : dm_le32(at);
    }
    return encoding->big_endian ? dm_be16(at) : dm_le16(at);
}

/** NULL: it is damaged. (transfer full) */
static char *decode(const struct encoding *encoding, const uint8_t *data, size_t size,
                    glong *ret_bytes) {
    size_t count = size / encoding->width;
    g_autofree gunichar *wide = g_new(gunichar, count + 1);
    g_autofree gunichar2 *narrow = g_new(gunichar2, count + 1);
    for (size_t i = 0; i < count; i++) {
        wide[i] = unit_at(encoding, data + i * encoding->width);
        narrow[i] = (gunichar2)wide[i];
    }
    return encoding->width == 4 ? g_ucs4_to_utf8(wide, (glong)count, NULL, ret_bytes, NULL)
                                : g_utf16_to_utf8(narrow, (glong)count, NULL, ret_bytes, NULL);
}

GBytes *dm_xmp_to_utf8(GBytes *packet) {
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(packet, &size);
    const struct encoding *encoding = find_encoding(data, size);
    size_t mark = encoding != NULL && encoding->mark ? encoding->width : 0;
    glong bytes = 0;
    char *text = encoding != NULL ? decode(encoding, data + mark, size - mark, &bytes) : NULL;
    if (text == NULL) {
        return packet;
    }
    g_bytes_unref(packet);
    return g_bytes_new_take(text, (gsize)bytes);
}
