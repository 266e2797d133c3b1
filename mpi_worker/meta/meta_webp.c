// SPDX-License-Identifier: MIT
//
// WebP: RIFF chunks. VP8X comes first and says by its flags what else there is; ICCP stands before
// the picture, EXIF and XMP behind it, and unknown chunks last (RFC 9649, 2.7).
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"

#include <string.h>

enum { RIFF_HEAD = 12, CHUNK_HEAD = 8, VP8X_BYTES = 10, EXIF_PREFIX = 6 };
enum { HAS_XMP = 0x04, HAS_EXIF = 0x08, HAS_ALPHA = 0x10, HAS_PROFILE = 0x20 };

struct chunk {
    const uint8_t *name;
    const uint8_t *data;
    size_t size;
    size_t next; // offset behind it
};

static bool chunk_at(const uint8_t *file, size_t size, size_t at, struct chunk *ret) {
    if (at > size || size - at < CHUNK_HEAD) {
        return false;
    }
    size_t length = dm_le32(file + at + 4);
    if (length > size - at - CHUNK_HEAD) {
        return false;
    }
    *ret = (struct chunk){file + at, file + at + CHUNK_HEAD, length,
                          at + CHUNK_HEAD + length + (length & 1)};
    return true;
}

static bool is(const struct chunk *chunk, const char *name) {
    return memcmp(chunk->name, name, 4) == 0;
}

static bool is_picture(const struct chunk *chunk) {
    return is(chunk, "VP8 ") || is(chunk, "VP8L") || is(chunk, "ALPH") || is(chunk, "ANIM") ||
           is(chunk, "ANMF") || is(chunk, "VP8X");
}

static void set_once(GBytes **block, const struct chunk *chunk, size_t head) {
    if (*block == NULL && chunk->size > head) {
        *block = g_bytes_new(chunk->data + head, chunk->size - head);
    }
}

static void read_chunk(struct dm_meta *meta, const struct chunk *chunk) {
    if (is(chunk, "EXIF")) {
        bool prefixed = chunk->size > EXIF_PREFIX && memcmp(chunk->data, "Exif\0", 6) == 0;
        set_once(&meta->exif, chunk, prefixed ? EXIF_PREFIX : 0);
    } else if (is(chunk, "XMP ")) {
        set_once(&meta->xmp, chunk, 0);
    } else if (is(chunk, "ICCP")) {
        set_once(&meta->colour.profile, chunk, 0);
    } else if (!is_picture(chunk)) {
        g_autofree char *name = g_strndup((const char *)chunk->name, 4);
        dm_meta_add_other(meta, 0, name, 0, g_bytes_new(chunk->data, chunk->size));
    }
}

void dm_meta_read_webp(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    (void)page;
    struct chunk chunk;
    size_t end = size >= RIFF_HEAD ? MIN((size_t)dm_le32(data + 4) + 8, size) : 0;
    for (size_t at = RIFF_HEAD; chunk_at(data, end, at, &chunk); at = chunk.next) {
        read_chunk(meta, &chunk);
    }
    if (end > 0 && size > end + 1) {
        dm_meta_add_part(meta, DM_META_TRAILER, end, size - end);
    }
}

// ---- writing

static void put_chunk(GByteArray *out, const void *name, const void *data, size_t size) {
    static const uint8_t zero;
    uint8_t head[CHUNK_HEAD];
    memcpy(head, name, 4);
    dm_put_le32(head + 4, (uint32_t)size);
    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, data, (guint)size);
    if (size % 2 != 0) {
        g_byte_array_append(out, &zero, 1);
    }
}

static void put_block(GByteArray *out, const char *name, GBytes *block) {
    gsize size = 0;
    if (block != NULL) {
        const void *data = g_bytes_get_data(block, &size);
        put_chunk(out, name, data, size);
    }
}

static uint8_t flags_of(const struct dm_meta *meta) {
    return (uint8_t)((meta->exif != NULL ? HAS_EXIF : 0) | (meta->xmp != NULL ? HAS_XMP : 0) |
                     (meta->colour.profile != NULL ? HAS_PROFILE : 0));
}

/** Make the VP8X of a file that has none out of its only chunk. False: not understood. */
static bool make_header(const struct chunk *picture, uint8_t header[VP8X_BYTES]) {
    uint32_t width, height;
    memset(header, 0, VP8X_BYTES);
    if (is(picture, "VP8L") && picture->size >= 5) {
        uint32_t bits = dm_le32(picture->data + 1);
        width = bits & 0x3FFF;
        height = bits >> 14 & 0x3FFF;
        header[0] = bits >> 28 & 1 ? HAS_ALPHA : 0;
    } else if (is(picture, "VP8 ") && picture->size >= 10) {
        width = (dm_le16(picture->data + 6) & 0x3FFF) - 1;
        height = (dm_le16(picture->data + 8) & 0x3FFF) - 1;
    } else {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        header[4 + i] = (uint8_t)(width >> (8 * i));
        header[7 + i] = (uint8_t)(height >> (8 * i));
    }
    return true;
}

static bool is_said(const struct chunk *chunk) {
    return is(chunk, "VP8X") || is(chunk, "EXIF") || is(chunk, "XMP ") || is(chunk, "ICCP");
}

static bool has_something(const struct dm_meta *meta) {
    return flags_of(meta) != 0 || meta->others->len > 0;
}

GByteArray *dm_meta_write_webp(const struct dm_meta *meta, const uint8_t *file, size_t size) {
    struct chunk chunk;
    uint8_t header[VP8X_BYTES];
    if (size > G_MAXUINT32 / 2 || !chunk_at(file, size, RIFF_HEAD, &chunk)) {
        return NULL;
    }
    bool extended = is(&chunk, "VP8X") && chunk.size >= VP8X_BYTES;
    GByteArray *out = g_byte_array_sized_new((guint)size + 65536);
    g_byte_array_append(out, file, RIFF_HEAD);
    if (extended) {
        memcpy(header, chunk.data, VP8X_BYTES);
        header[0] &= (uint8_t) ~(HAS_EXIF | HAS_XMP | HAS_PROFILE);
    } else if (has_something(meta) && !make_header(&chunk, header)) {
        g_byte_array_unref(out);
        return NULL;
    }
    if (extended || has_something(meta)) {
        header[0] |= flags_of(meta);
        put_chunk(out, "VP8X", header, sizeof(header));
    }
    put_block(out, "ICCP", meta->colour.profile);
    for (size_t at = RIFF_HEAD; chunk_at(file, size, at, &chunk); at = chunk.next) {
        if (!is_said(&chunk)) {
            put_chunk(out, chunk.name, chunk.data, chunk.size);
        }
    }
    put_block(out, "EXIF", meta->exif);
    put_block(out, "XMP ", meta->xmp);
    for (guint i = 0; i < meta->others->len; i++) {
        const struct dm_meta_other *other = meta->others->pdata[i];
        put_block(out, other->name, other->bytes);
    }
    dm_put_le32(out->data + 4, out->len - 8);
    return out;
}
