// SPDX-License-Identifier: MIT
//
// GIF: extensions among the pictures: comments, and blocks of applications, of which XMP is one
// (XMP Specification, part 3, 1.1.2) and looping another, which is the encoder's.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"

#include <string.h>

enum { HEADER_BYTES = 13, EXTENSION = 0x21, PICTURE = 0x2C, END = 0x3B };
enum { COMMENT = 0xFE, APPLICATION = 0xFF, NAME_BYTES = 11, XMP_TRAILER = 258 };

static size_t colour_table_bytes(uint8_t flags) {
    return (flags & 0x80) ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/** The offset behind the sub-blocks at @at; @ret (nullable) takes what is in them. 0: cut off. */
static size_t read_blocks(const uint8_t *data, size_t size, size_t at, GByteArray *ret) {
    while (at < size && data[at] != 0) {
        size_t length = data[at];
        if (length >= size - at) {
            return 0;
        }
        if (ret != NULL) {
            g_byte_array_append(ret, data + at + 1, (guint)length);
        }
        at += 1 + length;
    }
    return at < size ? at + 1 : 0;
}

static void read_application(struct dm_meta *meta, const uint8_t *data, size_t start, size_t end) {
    char name[NAME_BYTES + 1] = "";
    size_t body = start + 3 + NAME_BYTES;
    if (body > end || data[start + 2] != NAME_BYTES) {
        return;
    }
    memcpy(name, data + start + 3, NAME_BYTES);
    if (strcmp(name, "XMP DataXMP") == 0) {
        if (meta->xmp == NULL && end - body > XMP_TRAILER) {
            meta->xmp = g_bytes_new(data + body, end - body - XMP_TRAILER);
        }
        return;
    }
    if (strcmp(name, "NETSCAPE2.0") == 0 || strcmp(name, "ANIMEXTS1.0") == 0) {
        return;
    }
    GByteArray *blocks = g_byte_array_new();
    read_blocks(data, end, body, blocks);
    GBytes *bytes = g_byte_array_free_to_bytes(blocks);
    if (strcmp(name, "ICCRGBG1012") == 0 && meta->colour.profile == NULL) {
        meta->colour.profile = bytes;
    } else {
        dm_meta_add_other(meta, 0, name, 0, bytes);
    }
}

static void read_extension(struct dm_meta *meta, const uint8_t *data, size_t start, size_t end) {
    if (data[start + 1] == APPLICATION) {
        read_application(meta, data, start, end);
    } else if (data[start + 1] == COMMENT) {
        GByteArray *text = g_byte_array_new();
        read_blocks(data, end, start + 2, text);
        g_ptr_array_add(meta->comments, g_byte_array_free_to_bytes(text));
    }
}

void dm_meta_read_gif(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    (void)page;
    size_t at = size < HEADER_BYTES ? 0 : HEADER_BYTES + colour_table_bytes(data[10]);
    while (at > 0 && at + 2 < size) {
        size_t start = at;
        if (data[at] == EXTENSION) {
            at = read_blocks(data, size, at + 2, NULL);
            if (at > 0) {
                read_extension(meta, data, start, at);
            }
        } else if (data[at] == PICTURE && at + 10 < size) {
            at = read_blocks(data, size, at + 11 + colour_table_bytes(data[at + 9]), NULL);
        } else {
            break;
        }
    }
    if (at > 0 && at < size && data[at] == END && at + 1 < size) {
        dm_meta_add_part(meta, DM_META_TRAILER, at + 1, size - at - 1);
    }
}

// ---- writing

static void put_blocks(GByteArray *out, const uint8_t *data, size_t size) {
    static const uint8_t zero;
    for (size_t at = 0; at < size; at += 255) {
        uint8_t length = (uint8_t)MIN(255, size - at);
        g_byte_array_append(out, &length, 1);
        g_byte_array_append(out, data + at, length);
    }
    g_byte_array_append(out, &zero, 1);
}

static void put_name(GByteArray *out, const char *name) {
    const uint8_t head[] = {EXTENSION, APPLICATION, NAME_BYTES};
    uint8_t padded[NAME_BYTES] = {0};
    for (size_t i = 0; i < sizeof(padded) && name[i] != '\0'; i++) {
        padded[i] = (uint8_t)name[i];
    }
    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, padded, sizeof(padded));
}

static void put_comment(GByteArray *out, const void *data, size_t size) {
    const uint8_t head[] = {EXTENSION, COMMENT};
    g_byte_array_append(out, head, sizeof(head));
    put_blocks(out, data, size);
}

/** As it is, and behind it bytes that lead every reader of sub-blocks to their end. */
static void put_xmp(GByteArray *out, GBytes *xmp) {
    uint8_t trailer[XMP_TRAILER] = {1};
    gsize size = 0;
    const void *data = g_bytes_get_data(xmp, &size);
    for (int i = 1; i < XMP_TRAILER - 1; i++) {
        trailer[i] = (uint8_t)(256 - i);
    }
    put_name(out, "XMP DataXMP");
    g_byte_array_append(out, data, (guint)size);
    g_byte_array_append(out, trailer, sizeof(trailer));
}

static void put_said(GByteArray *out, const struct dm_meta *meta) {
    gsize size = 0;
    for (guint i = 0; i < meta->comments->len; i++) {
        const void *data = g_bytes_get_data(meta->comments->pdata[i], &size);
        put_comment(out, data, size);
    }
    for (guint i = 0; i < meta->texts->len; i++) {
        const struct dm_meta_text *text = meta->texts->pdata[i];
        bool plain = g_ascii_strcasecmp(text->keyword, "Comment") == 0;
        g_autofree char *line =
            plain ? g_strdup(text->text) : g_strdup_printf("%s: %s", text->keyword, text->text);
        put_comment(out, line, strlen(line));
    }
    if (meta->xmp != NULL) {
        put_xmp(out, meta->xmp);
    }
    for (guint i = 0; i < meta->others->len; i++) {
        const struct dm_meta_other *other = meta->others->pdata[i];
        const uint8_t *data = g_bytes_get_data(other->bytes, &size);
        put_name(out, other->name);
        put_blocks(out, data, size);
    }
}

/** Where extensions may begin: behind the colours, and behind the word on looping. */
static size_t behind_head(const uint8_t *file, size_t size) {
    size_t at = HEADER_BYTES + colour_table_bytes(file[10]);
    bool loops = at + 3 + NAME_BYTES < size && file[at] == EXTENSION &&
                 file[at + 1] == APPLICATION && memcmp(file + at + 3, "NETSCAPE2.0", 11) == 0;
    return loops ? read_blocks(file, size, at + 2, NULL) : at;
}

GByteArray *dm_meta_write_gif(const struct dm_meta *meta, const uint8_t *file, size_t size) {
    size_t at = size < HEADER_BYTES ? 0 : behind_head(file, size);
    if (at == 0 || at > size) {
        return NULL;
    }
    GByteArray *out = g_byte_array_sized_new((guint)size + 4096);
    g_byte_array_append(out, file, (guint)at);
    guint before = out->len;
    put_said(out, meta);
    if (out->len > before) {
        out->data[4] = '9'; // GIF87a knows no extensions
    }
    g_byte_array_append(out, file + at, (guint)(size - at));
    return out;
}
