// SPDX-License-Identifier: MIT
//
// JPEG: segments before the first scan. EXIF and XMP are APP1, by name; ICC and Photoshop's block
// lie in pieces in APP2 and APP13; what is behind the picture: meta_jpeg_parts.c.
#include "common/bytes.h"
#include "mpi_worker/meta/container.h"
#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/jpeg_parts.h"
#include "mpi_worker/meta/xmp_extended.h"

#include <string.h>

enum { SOS = 0xDA, APP0 = 0xE0, APP15 = 0xEF, COM = 0xFE };
enum { SEGMENT_MAX = 65533, EXIF_MAX = SEGMENT_MAX - 6, XMP_MAX = 65502, PIECE = 65400 };

// With their closing zeros.
static const char exif_name[] = "Exif\0", xmp_name[] = "http://ns.adobe.com/xap/1.0/",
                  extended_name[] = "http://ns.adobe.com/xmp/extension/",
                  icc_name[] = "ICC_PROFILE", photoshop_name[] = "Photoshop 3.0";

enum { ICC_HEAD = sizeof(icc_name) + 2 };                // number, count
enum { EXTENDED_HEAD = sizeof(extended_name) + 32 + 8 }; // name, length, offset

/** What lies in pieces, while it is read. */
struct reader {
    struct dm_meta *meta;
    GByteArray *icc, *photoshop, *extended;
    char *wanted; // the extended packet
    bool broken;  // a piece of it is not in its place
};

/** A segment's payload. */
struct payload {
    unsigned marker;
    const uint8_t *data;
    size_t size;
};

static bool is_named(const struct payload *segment, const char *name, size_t size) {
    return segment->size >= size && memcmp(segment->data, name, size) == 0;
}

#define NAMED(segment, name) is_named(segment, name, sizeof(name))

// ---- reading

static bool read_jfif(struct dm_meta *meta, const struct payload *segment) {
    if (!is_named(segment, "JFIF", 5) || segment->size < 12) {
        return false;
    }
    static const enum dm_meta_unit units[] = {DM_META_UNIT_NONE, DM_META_UNIT_INCH,
                                              DM_META_UNIT_CM};
    unsigned unit = segment->data[7], x = dm_be16(segment->data + 8),
             y = dm_be16(segment->data + 10);
    if (unit < G_N_ELEMENTS(units) && x > 0 && y > 0 && (unit > 0 || x != y)) {
        meta->resolution = (struct dm_meta_resolution){x, y, units[unit]};
    }
    return true;
}

static GBytes *copy_behind(const struct payload *segment, size_t head) {
    return g_bytes_new(segment->data + head, segment->size - head);
}

static bool read_extended(struct reader *reader, const struct payload *segment) {
    if (!NAMED(segment, extended_name) || segment->size < EXTENDED_HEAD) {
        return false;
    }
    const uint8_t *name = segment->data + sizeof(extended_name);
    if (reader->wanted == NULL || g_ascii_strncasecmp((const char *)name, reader->wanted, 32)) {
        return true; // nobody asked for it
    }
    reader->broken = reader->broken || dm_be32(name + 36) != reader->extended->len;
    g_byte_array_append(reader->extended, segment->data + EXTENDED_HEAD,
                        (guint)(segment->size - EXTENDED_HEAD));
    return true;
}

static bool read_app1(struct reader *reader, const struct payload *segment) {
    struct dm_meta *meta = reader->meta;
    if (NAMED(segment, exif_name) && meta->exif == NULL) {
        meta->exif = copy_behind(segment, sizeof(exif_name));
        return true;
    }
    if (NAMED(segment, xmp_name) && meta->xmp == NULL) {
        meta->xmp = copy_behind(segment, sizeof(xmp_name));
        reader->wanted = dm_xmp_extended_name(meta->xmp);
        return true;
    }
    return read_extended(reader, segment);
}

static bool read_app2(struct reader *reader, const struct payload *segment) {
    if (NAMED(segment, icc_name) && segment->size > ICC_HEAD) {
        g_byte_array_append(reader->icc, segment->data + ICC_HEAD,
                            (guint)(segment->size - ICC_HEAD));
        return true;
    }
    return is_named(segment, "MPF", 4); // made anew
}

static bool read_app13(struct reader *reader, const struct payload *segment) {
    if (!NAMED(segment, photoshop_name)) {
        return false;
    }
    g_byte_array_append(reader->photoshop, segment->data + sizeof(photoshop_name),
                        (guint)(segment->size - sizeof(photoshop_name)));
    return true;
}

/** Take a segment in as what it is. False: we do not know it. */
static bool read_known(struct reader *reader, const struct payload *segment) {
    switch (segment->marker) {
    case APP0:
        return read_jfif(reader->meta, segment) || is_named(segment, "JFXX", 5); // a thumbnail
    case APP0 + 1:
        return read_app1(reader, segment);
    case APP0 + 2:
        return read_app2(reader, segment);
    case APP0 + 13:
        return read_app13(reader, segment);
    case APP0 + 14:
        return is_named(segment, "Adobe", 5); // tells of the coding
    default:
        return false;
    }
}

static void read_segment(struct reader *reader, const struct payload *segment) {
    if (segment->marker == COM) {
        g_ptr_array_add(reader->meta->comments, copy_behind(segment, 0));
    } else if (segment->marker >= APP0 && segment->marker <= APP15 &&
               !read_known(reader, segment)) {
        char name[12] = "";
        for (size_t i = 0; i < MIN(segment->size, sizeof(name) - 1); i++) {
            if (!g_ascii_isgraph(segment->data[i])) {
                break;
            }
            name[i] = (char)segment->data[i];
        }
        dm_meta_add_other(reader->meta, segment->marker, name, 0, copy_behind(segment, 0));
    }
}

/** Walk over the segments. Returns where the first scan begins, or @size. */
static size_t read_segments(struct reader *reader, const uint8_t *data, size_t size) {
    size_t at = 2;
    while (at + 4 <= size) {
        if (data[at] != 0xFF || data[at + 1] == 0xFF) {
            at++;
            continue;
        }
        size_t length = dm_be16(data + at + 2);
        if (data[at + 1] == SOS || length < 2 || length > size - at - 2) {
            return at;
        }
        const struct payload segment = {data[at + 1], data + at + 4, length - 2};
        read_segment(reader, &segment);
        at += 2 + length;
    }
    return size;
}

static void take_joined(GBytes **block, GByteArray *pieces) {
    if (pieces->len > 0) {
        *block = g_byte_array_free_to_bytes(pieces);
    } else {
        g_byte_array_unref(pieces);
    }
}

static void join_xmp(struct reader *reader) {
    struct dm_meta *meta = reader->meta;
    GBytes *extended = NULL, *joined = NULL;
    take_joined(&extended, reader->extended);
    if (extended != NULL && !reader->broken) {
        joined = dm_xmp_join(meta->xmp, extended);
    }
    if (joined != NULL) {
        dm_meta_take(&meta->xmp, joined);
    } else if (extended != NULL || reader->wanted != NULL) {
        dm_meta_remark(meta, "the extended XMP is damaged and left out");
    }
    g_clear_pointer(&extended, g_bytes_unref);
}

void dm_meta_read_jpeg(struct dm_meta *meta, const uint8_t *data, size_t size, int page) {
    (void)page;
    struct reader reader = {.meta = meta,
                            .icc = g_byte_array_new(),
                            .photoshop = g_byte_array_new(),
                            .extended = g_byte_array_new()};
    size_t scan = read_segments(&reader, data, size);
    take_joined(&meta->colour.profile, reader.icc);
    take_joined(&meta->photoshop, reader.photoshop);
    join_xmp(&reader);
    g_free(reader.wanted);
    dm_meta_read_jpeg_parts(meta, data, size, scan);
}

// ---- writing

/** Append a segment of @head and @body, which fit. */
static void put_segment(GByteArray *out, unsigned marker, const void *head, size_t head_size,
                        const void *body, size_t size) {
    uint8_t start[4] = {0xFF, (uint8_t)marker};
    dm_put_be16(start + 2, (uint32_t)(2 + head_size + size));
    g_byte_array_append(out, start, sizeof(start));
    g_byte_array_append(out, head, (guint)head_size);
    g_byte_array_append(out, body, (guint)size);
}

static void put_exif(GByteArray *out, struct dm_meta *meta) {
    gsize size = 0;
    const void *data = meta->exif != NULL ? g_bytes_get_data(meta->exif, &size) : NULL;
    if (size > EXIF_MAX) {
        dm_meta_remark(meta, "EXIF over 64 KB left out of the jpeg");
    } else if (data != NULL) {
        put_segment(out, APP0 + 1, exif_name, sizeof(exif_name), data, size);
    }
}

static void put_extended(GByteArray *out, GBytes *extended) {
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(extended, &size);
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, data, size);
    g_autofree char *name = g_ascii_strup(sum, -1);
    uint8_t head[EXTENDED_HEAD];
    memcpy(head, extended_name, sizeof(extended_name));
    memcpy(head + sizeof(extended_name), name, 32);
    dm_put_be32(head + EXTENDED_HEAD - 8, (uint32_t)size);
    for (size_t at = 0; at < size; at += PIECE) {
        dm_put_be32(head + EXTENDED_HEAD - 4, (uint32_t)at);
        put_segment(out, APP0 + 1, head, sizeof(head), data + at, MIN(PIECE, size - at));
    }
}

static void put_xmp(GByteArray *out, struct dm_meta *meta) {
    gsize size = 0;
    GBytes *extended = NULL;
    if (meta->xmp == NULL) {
        return;
    }
    GBytes *standard = g_bytes_get_size(meta->xmp) <= XMP_MAX
                           ? g_bytes_ref(meta->xmp)
                           : dm_xmp_split(meta->xmp, XMP_MAX, &extended);
    if (standard == NULL) {
        dm_meta_remark(meta, "XMP over 64 KB left out of the jpeg");
        return;
    }
    const void *data = g_bytes_get_data(standard, &size);
    put_segment(out, APP0 + 1, xmp_name, sizeof(xmp_name), data, size);
    if (extended != NULL) {
        put_extended(out, extended);
        g_bytes_unref(extended);
    }
    g_bytes_unref(standard);
}

static void put_photoshop(GByteArray *out, const struct dm_meta *meta) {
    gsize size = 0;
    const uint8_t *data = meta->photoshop != NULL ? g_bytes_get_data(meta->photoshop, &size) : NULL;
    for (gsize at = 0; at < size; at += PIECE) {
        put_segment(out, APP0 + 13, photoshop_name, sizeof(photoshop_name), data + at,
                    MIN(PIECE, size - at));
    }
}

static void put_profile(GByteArray *out, struct dm_meta *meta) {
    gsize size = 0;
    GBytes *profile = meta->colour.profile;
    const uint8_t *data = profile != NULL ? g_bytes_get_data(profile, &size) : NULL;
    size_t count = (size + PIECE - 1) / PIECE;
    if (count > 255) {
        dm_meta_remark(meta, "a colour profile over 16 MB left out of the jpeg");
        return;
    }
    uint8_t head[ICC_HEAD];
    memcpy(head, icc_name, sizeof(icc_name));
    head[ICC_HEAD - 1] = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        head[ICC_HEAD - 2] = (uint8_t)(i + 1);
        put_segment(out, APP0 + 2, head, sizeof(head), data + i * PIECE,
                    MIN(PIECE, size - i * PIECE));
    }
}

static void put_comment(GByteArray *out, GBytes *comment) {
    gsize size = 0;
    const uint8_t *data = g_bytes_get_data(comment, &size);
    for (gsize at = 0; at == 0 || at < size; at += SEGMENT_MAX) {
        put_segment(out, COM, "", 0, data + at, MIN(SEGMENT_MAX, size - at));
    }
}

/** A text has a name, which a comment has not: it stands before it. */
static void put_text(GByteArray *out, const struct dm_meta_text *text) {
    bool plain = g_ascii_strcasecmp(text->keyword, "Comment") == 0;
    g_autofree char *line =
        plain ? g_strdup(text->text) : g_strdup_printf("%s: %s", text->keyword, text->text);
    GBytes *comment = g_bytes_new(line, strlen(line));
    put_comment(out, comment);
    g_bytes_unref(comment);
}

GByteArray *dm_meta_jpeg_segments(struct dm_meta *meta) {
    GByteArray *out = g_byte_array_new();
    put_exif(out, meta);
    put_xmp(out, meta);
    put_photoshop(out, meta);
    put_profile(out, meta);
    for (guint i = 0; i < meta->others->len; i++) {
        const struct dm_meta_other *other = meta->others->pdata[i];
        gsize size = 0;
        const void *data = g_bytes_get_data(other->bytes, &size);
        put_segment(out, other->code, "", 0, data, size);
    }
    for (guint i = 0; i < meta->comments->len; i++) {
        put_comment(out, meta->comments->pdata[i]);
    }
    for (guint i = 0; i < meta->texts->len; i++) {
        put_text(out, meta->texts->pdata[i]);
    }
    return out;
}
