// SPDX-License-Identifier: MIT
//
// Reading PNG: libvips a still, this file the frames of an animation (PNG third edition, 11.3.6 and
// 13.16). Each frame is a stream of its own: with the file's header and palette around it, it is a
// PNG that libpng decodes.
#include "mpi_worker/codec/apng.h"

#include "common/bytes.h"
#include "mpi_worker/codec/frames.h"
#include "mpi_worker/image/remark.h"

#include <png.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE_BYTES = 8, FRAMING_BYTES = 12, HEADER_BYTES = 13, CONTROL_BYTES = 26 };
enum { NAME_AT = 4, DATA_AT = 8, DEFAULT_DENOMINATOR = 100, MAX_CANVAS = 1 << 24 };
enum { COLOUR_TYPE_AT = 9, GRAY_ALPHA = 4, COLOUR_ALPHA = 6 };

static const uint8_t signature[SIGNATURE_BYTES] = "\x89PNG\r\n\x1A\n";

struct chunk {
    const uint8_t *at; // its length, name, data, CRC
    uint32_t length;
};

/** The chunk at @at. False: it does not lie within the file. */
static bool get_chunk(const struct dm_bytes *bytes, size_t at, struct chunk *ret) {
    if (at > bytes->size || bytes->size - at < FRAMING_BYTES) {
        return false;
    }
    *ret = (struct chunk){bytes->data + at, dm_be32(bytes->data + at)};
    return ret->length <= bytes->size - at - FRAMING_BYTES;
}

static size_t next_chunk(size_t at, const struct chunk *chunk) {
    return at + FRAMING_BYTES + chunk->length;
}

static bool is_named(const struct chunk *chunk, const char name[static 4]) {
    return memcmp(chunk->at + NAME_AT, name, 4) == 0;
}

static bool is_intact(const struct chunk *chunk) {
    return crc32(0, chunk->at + NAME_AT, chunk->length + 4) ==
           dm_be32(chunk->at + DATA_AT + chunk->length);
}

// ---- a frame

void dm_png_add_chunk(GByteArray *png, const char name[static 4], const uint8_t *front,
                      size_t front_size, const uint8_t *data, size_t size) {
    uint8_t number[4];
    size_t length = front_size + size;
    guint start = png->len + 4;
    dm_png_put32(number, (uint32_t)length);
    g_byte_array_append(png, number, 4);
    g_byte_array_append(png, (const guint8 *)name, 4);
    g_byte_array_append(png, front, (guint)front_size);
    g_byte_array_append(png, data, (guint)size);
    dm_png_put32(number, (uint32_t)crc32(0, png->data + start, (uInt)length + 4));
    g_byte_array_append(png, number, 4);
}

/** Its picture data, from the chunk behind its control chunk on. False: a chunk is damaged. */
static bool add_data(GByteArray *png, const struct dm_bytes *bytes, size_t at) {
    struct chunk chunk;
    for (; get_chunk(bytes, at, &chunk); at = next_chunk(at, &chunk)) {
        if (is_named(&chunk, "fcTL") || is_named(&chunk, "IEND")) {
            return true;
        }
        bool first = is_named(&chunk, "IDAT");
        if (!first && !is_named(&chunk, "fdAT")) {
            continue;
        }
        uint32_t skip = first ? 0 : 4; // its number
        if (chunk.length < skip || !is_intact(&chunk)) {
            return false;
        }
        dm_png_add_chunk(png, "IDAT", NULL, 0, chunk.at + DATA_AT + skip, chunk.length - skip);
    }
    return false;
}

/** The frame as a PNG of its own (transfer full); NULL: damaged. */
static GByteArray *make_png(const struct dm_bytes *bytes, const struct dm_frame *frame) {
    GByteArray *png = g_byte_array_new();
    struct chunk chunk;
    uint8_t header[HEADER_BYTES];
    memcpy(header, bytes->data + SIGNATURE_BYTES + DATA_AT, HEADER_BYTES);
    dm_png_put32(header, (uint32_t)frame->width);
    dm_png_put32(header + 4, (uint32_t)frame->height);
    g_byte_array_append(png, signature, SIGNATURE_BYTES);
    dm_png_add_chunk(png, "IHDR", NULL, 0, header, HEADER_BYTES);
    for (size_t at = SIGNATURE_BYTES; get_chunk(bytes, at, &chunk) && !is_named(&chunk, "IDAT");
         at = next_chunk(at, &chunk)) {
        if (is_named(&chunk, "PLTE") || is_named(&chunk, "tRNS")) {
            dm_png_add_chunk(png, (const char *)chunk.at + NAME_AT, NULL, 0, chunk.at + DATA_AT,
                             chunk.length);
        }
    }
    if (!add_data(png, bytes, frame->at)) {
        g_byte_array_unref(png);
        return NULL;
    }
    dm_png_add_chunk(png, "IEND", NULL, 0, NULL, 0);
    return png;
}

struct reader {
    const GByteArray *png;
    size_t at;
};

static void take(png_structp png, png_bytep to, size_t size) {
    struct reader *reader = png_get_io_ptr(png);
    if (size > reader->png->len - reader->at) {
        png_error(png, "it ends early");
    }
    memcpy(to, reader->png->data + reader->at, size);
    reader->at += size;
}

static void escape(png_structp png, png_const_charp message) {
    vips_error("png", "%s", message);
    png_longjmp(png, 1);
}

static void stay_silent(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

/** Everything that libpng may jump out of. */
static bool read_rows(png_structp png, png_infop info, const struct dm_frame *frame,
                      uint8_t *ret_rgba) {
    if (setjmp(png_jmpbuf(png)) != 0) {
        return false;
    }
    png_read_info(png, info);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row_bytes = (size_t)frame->width * 4;
    if (png_get_rowbytes(png, info) != row_bytes) {
        png_error(png, "its rows have another length");
    }
    for (int i = 0; i < passes * frame->height; i++) {
        png_read_row(png, ret_rgba + (size_t)(i % frame->height) * row_bytes, NULL);
    }
    png_read_end(png, NULL);
    return true;
}

static bool decode_frame(const struct dm_frames *frames, const struct dm_frame *frame,
                         uint8_t *ret_rgba) {
    g_autoptr(GByteArray) file = make_png(frames->bytes, frame);
    if (file == NULL) {
        return false;
    }
    struct reader reader = {.png = file};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, escape, stay_silent);
    png_infop info = png_create_info_struct(png);
    png_set_read_fn(png, &reader, take);
    bool good = read_rows(png, info, frame, ret_rgba);
    png_destroy_read_struct(&png, &info, NULL);
    return good;
}

// ---- the file

static int delay_ms(const uint8_t *p) {
    uint32_t numerator = dm_be16(p), denominator = dm_be16(p + 2);
    denominator = denominator == 0 ? DEFAULT_DENOMINATOR : denominator;
    return (int)((numerator * 1000 + denominator / 2) / denominator);
}

/** The control chunk at @at becomes a frame. False: it makes no sense. */
static bool add_frame(struct dm_frames *frames, const struct chunk *chunk, size_t at) {
    const uint8_t *p = chunk->at + DATA_AT;
    if (chunk->length != CONTROL_BYTES || p[24] > 2 || p[25] > 1 || !is_intact(chunk)) {
        return false;
    }
    uint32_t width = dm_be32(p + 4), height = dm_be32(p + 8), left = dm_be32(p + 12),
             top = dm_be32(p + 16), across = (uint32_t)frames->width,
             down = (uint32_t)frames->height;
    if (width == 0 || height == 0 || width > across || height > down || left > across - width ||
        top > down - height) {
        return false;
    }
    struct dm_frame frame = {.left = (int)left,
                             .top = (int)top,
                             .width = (int)width,
                             .height = (int)height,
                             .delay_ms = delay_ms(p + 20),
                             .dispose = (enum dm_dispose)p[24],
                             .over = p[25] == 1,
                             .at = next_chunk(at, chunk)};
    if (frames->list->len == 0 && frame.dispose == DM_DISPOSE_RESTORE) {
        frame.dispose = DM_DISPOSE_CLEAR; // there is nothing before it
    }
    g_array_append_val(frames->list, frame);
    return true;
}

/** Read all frames. False: it is a still, or its animation makes no sense. */
static bool read_frames(struct dm_frames *frames) {
    const struct dm_bytes *bytes = frames->bytes;
    struct chunk chunk;
    bool moves = false, begun = false;
    for (size_t at = SIGNATURE_BYTES; get_chunk(bytes, at, &chunk); at = next_chunk(at, &chunk)) {
        begun = begun || is_named(&chunk, "IDAT");
        if (is_named(&chunk, "acTL") && chunk.length == 8 && !begun) {
            moves = true;
            frames->loops = (int)MIN(dm_be32(chunk.at + DATA_AT + 4), G_MAXINT);
        }
        if (begun && !moves) {
            return false;
        }
        if (is_named(&chunk, "tRNS")) {
            frames->alpha = true;
        }
        if (moves && is_named(&chunk, "fcTL") && !add_frame(frames, &chunk, at)) {
            return false;
        }
    }
    return frames->list->len > 0;
}

static bool may_be_transparent(const struct dm_frames *frames) {
    for (guint i = 0; i < frames->list->len; i++) {
        const struct dm_frame *frame = &g_array_index(frames->list, struct dm_frame, i);
        bool covers = frame->width == frames->width && frame->height == frames->height;
        if (!covers && (i == 0 || frame[-1].dispose == DM_DISPOSE_CLEAR)) {
            return true;
        }
    }
    return frames->alpha;
}

/** The frames of an animation (transfer full); NULL: a still. */
static struct dm_frames *find_frames(const struct dm_bytes *bytes) {
    struct chunk header;
    if (bytes->size < SIGNATURE_BYTES || !get_chunk(bytes, SIGNATURE_BYTES, &header) ||
        header.length != HEADER_BYTES || !is_named(&header, "IHDR")) {
        return NULL;
    }
    uint32_t width = dm_be32(header.at + DATA_AT), height = dm_be32(header.at + DATA_AT + 4);
    uint8_t type = header.at[DATA_AT + COLOUR_TYPE_AT];
    if (width == 0 || height == 0 || width > MAX_CANVAS || height > MAX_CANVAS) {
        return NULL;
    }
    struct dm_frames *frames = g_new0(struct dm_frames, 1);
    frames->list = g_array_new(FALSE, FALSE, sizeof(struct dm_frame));
    frames->width = (int)width;
    frames->height = (int)height;
    frames->bytes = bytes;
    frames->decode = decode_frame;
    frames->gray = (type & PNG_COLOR_MASK_COLOR) == 0;
    frames->alpha = type == GRAY_ALPHA || type == COLOUR_ALPHA;
    if (!read_frames(frames)) {
        dm_frames_free(frames);
        return NULL;
    }
    frames->alpha = may_be_transparent(frames);
    return frames;
}

VipsImage *dm_open_png(const struct dm_bytes *bytes, const struct dm_decode *how) {
    VipsImage *still = dm_open_by_loader("pngload_buffer", bytes, NULL, 0);
    struct dm_frames *frames = still != NULL ? find_frames(bytes) : NULL;
    if (frames == NULL) {
        return still;
    }
    if (!how->all_pages) {
        vips_image_set_int(still, VIPS_META_N_PAGES, (int)frames->list->len);
        dm_frames_free(frames);
        return still;
    }
    if (still->BandFmt == VIPS_FORMAT_USHORT && how->remarks != NULL) {
        dm_remark(how->remarks, "reduced from 16 to 8 bits");
    }
    VipsImage *out = dm_frames_open(frames, still, true);
    g_object_unref(still);
    return out;
}
