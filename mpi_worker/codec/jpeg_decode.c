// SPDX-License-Identifier: MIT
//
// Decoding JPEG: libvips opens the file (which reads its header and metadata), and this node puts
// our own loop around libjpeg in place of libvips' pixels. Two reasons. libjpeg only warns where
// entropy-coded data is damaged and fills the rest with gray: here such a warning ends the picture.
// And rows go straight into the region that asks for them.
//
// Scaling by libjpeg's other eighths was measured and left: 3/8 takes longer than 4/8, and 5/8 to
// 7/8 longer than the whole, as only 1, 2, 4 and 8 of 8 have vector code; and most of the time is
// entropy decoding, which no scale spares.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h> // has some codes only where jpeglib.h came before

// As in libvips: a small file of thousands of scans keeps a decoder busy for hours.
enum { MAX_SCANS = 100 };

// What a trailer begins with is looked at; what an encoder may leave before a restart marker.
enum { TRAILER_LOOK_BYTES = 4096, MOST_JUNK_BYTES = 16 };

// Rows that are kept for readers that come a little late: of two, one may be a strip behind.
enum { KEPT_ROWS = 128 };

/** The one decoder of a picture; only the thread that works on the picture comes here. */
struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const struct dm_bytes *bytes; // borrowed
    int shrink;
    bool in_scans, begun, finished, failed;
    bool ended; // without an end marker, and whole
    size_t row_bytes;
    JSAMPLE *kept;     // row y at y % KEPT_ROWS
    size_t junk_bytes; // how many stood before restart markers, and how often
    int junk_count;
    size_t left;      // bytes of the file that were not read a moment ago
    GString *remarks; // (nullable)
};

// ---- libjpeg's callbacks

static void escape(j_common_ptr jpeg) {
    struct reader *reader = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    vips_error("jpeg", "%s", message);
    longjmp(reader->escape, 1);
}

/**
 * Bytes of a scan that no pixel came of, just skipped up to the marker at hand. Cameras pad their
 * scans with bytes of one value; anything else is what a decoder leaves that lost its way.
 */
static bool is_padding(const struct reader *reader, size_t skipped) {
    const uint8_t *start = reader->bytes->data, *end = reader->jpeg.src->next_input_byte;
    if (skipped > (size_t)(end - start)) {
        return false;
    }
    for (size_t i = 2; i <= skipped; i++) {
        if (end[-(ptrdiff_t)i] != end[-1]) {
            return false;
        }
    }
    return true;
}

/** Whether all that the picture needs has been decoded, and the next thing is a marker. */
static bool is_behind_scans(const struct reader *reader) {
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (!reader->in_scans || jpeg->input_iMCU_row < jpeg->total_iMCU_rows) {
        return false;
    }
    if (jpeg->coef_bits == NULL) {
        return !jpeg_has_multiple_scans((j_decompress_ptr)&reader->jpeg);
    }
    for (int i = 0; i < jpeg->num_components * DCTSIZE2; i++) {
        if (jpeg->coef_bits[i / DCTSIZE2][i % DCTSIZE2] != 0) { // bits are missing yet
            return false;
        }
    }
    return true;
}

/**
 * Whether what follows the picture without an end marker is something else: phones put their own
 * data there. Half a copy ends in zeros, or in nothing; a decoder that lost its way leaves data of
 * the picture, in which every FF is followed by a 0.
 */
static bool is_trailer(const uint8_t *data, size_t size) {
    bool same = true, stuffed = false;
    for (size_t i = 1; i < MIN(size, TRAILER_LOOK_BYTES); i++) {
        same = same && data[i] == data[0];
        stuffed = stuffed || (data[i - 1] == 0xFF && data[i] == 0);
    }
    return size > 1 && !same && !stuffed;
}

/** The picture is all there, and something else follows it in place of an end marker. */
static bool ends_well(struct reader *reader) {
    const struct dm_bytes *bytes = reader->bytes;
    size_t left = MIN(reader->left, bytes->size);
    if (!is_behind_scans(reader) || !is_trailer(bytes->data + bytes->size - left, left)) {
        return false;
    }
    reader->ended = true;
    if (reader->remarks != NULL) {
        dm_remark(reader->remarks, "the jpeg lacks its end marker; it is whole all the same");
    }
    return true;
}

/**
 * Bytes that an encoder left before a restart marker, behind all of the interval: a few, or as many
 * before each. A decoder that lost its way leaves now as many and now as many, or leaves some once.
 */
static bool is_junk(struct reader *reader, size_t skipped, int marker) {
    if (marker < JPEG_RST0 || marker > JPEG_RST0 + 7) {
        return false;
    }
    if (skipped > MOST_JUNK_BYTES) {
        if (reader->junk_count > 0 && skipped != reader->junk_bytes) {
            return false;
        }
        reader->junk_bytes = skipped;
        reader->junk_count++;
    }
    if (reader->remarks != NULL) {
        dm_remark(reader->remarks, "the jpeg has bytes too many before its restart markers");
    }
    return true;
}

/** Whether a warning says that pixels are lost, and not just that a header is unusual. */
static bool means_damage(struct reader *reader) {
    size_t skipped = (size_t)reader->errors.msg_parm.i[0];
    switch (reader->errors.msg_code) {
    case JWRN_JPEG_EOF:
        return !ends_well(reader);
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
#ifdef D_ARITH_CODING_SUPPORTED
    case JWRN_ARITH_BAD_CODE:
#endif
    case JWRN_MUST_RESYNC:
        return true;
    case JWRN_EXTRANEOUS_DATA: // among the headers it harms nobody
        return reader->in_scans && !reader->ended && !is_padding(reader, skipped) &&
               !is_junk(reader, skipped, reader->errors.msg_parm.i[1]);
    default:
        return false;
    }
}

static void take_message(j_common_ptr jpeg, int level) {
    if (level < 0 && means_damage(jpeg->client_data)) {
        escape(jpeg);
    }
}

static void watch_progress(j_common_ptr jpeg) {
    struct reader *reader = jpeg->client_data;
    reader->left = reader->jpeg.src->bytes_in_buffer;
    if (reader->jpeg.input_scan_number > MAX_SCANS) {
        vips_error("jpeg", "it has more than %d scans", MAX_SCANS);
        longjmp(reader->escape, 1);
    }
}

// ---- rows

static bool begin(struct reader *reader, const VipsImage *out) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->client_data = reader;
    jpeg_mem_src(jpeg, reader->bytes->data, reader->bytes->size);
    jpeg_read_header(jpeg, TRUE);
    jpeg->progress = &reader->progress;
    jpeg->scale_num = 1;
    jpeg->scale_denom = (unsigned)reader->shrink;
    reader->in_scans = true;
    jpeg_start_decompress(jpeg);
    reader->row_bytes = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
    reader->kept = g_malloc(reader->row_bytes * KEPT_ROWS);
    reader->begun = true;
    // A shrunk picture may end with part of a pixel, which libvips does not count.
    int beyond = (int)jpeg->output_width - out->Xsize,
        below = (int)jpeg->output_height - out->Ysize;
    return beyond >= 0 && beyond <= 1 && below >= 0 && below <= 1 &&
           jpeg->output_components == out->Bands;
}

static JSAMPLE *kept_row(const struct reader *reader, int y) {
    return reader->kept + (size_t)(y % KEPT_ROWS) * reader->row_bytes;
}

/** Programs store how much ink is missing; libvips says how much there is. */
static void invert(JSAMPLE *row, size_t count) {
    for (size_t i = 0; i < count; i++) {
        row[i] = (JSAMPLE)(MAXJSAMPLE - row[i]);
    }
}

/** Whether a marker comes next that only something else than this picture can have. */
static bool meets_stranger(const struct reader *reader) {
    const uint8_t *data = reader->jpeg.src->next_input_byte;
    size_t size = reader->jpeg.src->bytes_in_buffer;
    for (size_t i = 1; reader->jpeg.unread_marker == 0 && i < size; i++) {
        if (data[i - 1] == 0xFF && data[i] != 0 && data[i] != 0xFF) {
            return data[i] != JPEG_EOI;
        }
    }
    return false;
}

/** Behind the last row: read up to the end marker. False: something was wrong all the time. */
static bool finish(struct reader *reader) {
    reader->left = reader->jpeg.src->bytes_in_buffer;
    if (meets_stranger(reader) && ends_well(reader)) {
        jpeg_abort_decompress(&reader->jpeg);
    } else {
        jpeg_finish_decompress(&reader->jpeg);
    }
    reader->finished = true;
    reader->failed = reader->junk_count == 1; // once is no habit
    if (reader->failed) {
        vips_error("jpeg", "%zu extraneous bytes before a restart marker", reader->junk_bytes);
    }
    return !reader->failed;
}

/** Decode until row @bottom, exclusive. */
static bool decode_until(struct reader *reader, const VipsImage *out, int bottom) {
    if (reader->failed || setjmp(reader->escape) != 0) {
        reader->failed = true;
        return false;
    }
    if (!reader->begun && !begin(reader, out)) {
        vips_error("jpeg", "its header says one size and its pixels have another");
        reader->failed = true;
        return false;
    }
    int end = bottom < out->Ysize ? bottom : (int)reader->jpeg.output_height;
    while ((int)reader->jpeg.output_scanline < end) {
        JSAMPROW row = kept_row(reader, (int)reader->jpeg.output_scanline);
        jpeg_read_scanlines(&reader->jpeg, &row, 1);
        if (reader->jpeg.out_color_space == JCS_CMYK) {
            invert(row, reader->row_bytes);
        }
    }
    return bottom < out->Ysize || reader->finished || finish(reader);
}

static int generate(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop) {
    (void)sequence;
    (void)a;
    (void)stop;
    struct reader *reader = b;
    const VipsRect *rect = &out->valid;
    size_t bands = (size_t)out->im->Bands;
    for (int y = rect->top; y < VIPS_RECT_BOTTOM(rect); y++) {
        if (!decode_until(reader, out->im, y + 1)) {
            return -1;
        }
        if (y + KEPT_ROWS < (int)reader->jpeg.output_scanline) {
            vips_error("jpeg", "row %d was asked for too late", y);
            return -1;
        }
        memcpy(dm_region_at(out, rect->left, y), kept_row(reader, y) + (size_t)rect->left * bands,
               (size_t)rect->width * bands);
    }
    return 0;
}

static void close_reader(VipsImage *image, void *data) {
    (void)image;
    struct reader *reader = data;
    jpeg_destroy_decompress(&reader->jpeg); // accepts a zeroed one
    g_free(reader->kept);
    g_free(reader);
}

VipsImage *dm_decode_jpeg(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how) {
    VipsImage *out = vips_image_new();
    struct reader *reader = g_new0(struct reader, 1);
    vips_object_local(out, header);
    g_signal_connect(out, "postclose", G_CALLBACK(close_reader), reader);
    reader->bytes = bytes;
    reader->shrink = MAX(how->shrink, 1);
    reader->remarks = how->remarks;
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = escape;
    reader->errors.emit_message = take_message;
    reader->jpeg.client_data = reader;
    reader->progress.progress_monitor = watch_progress;
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_FATSTRIP, header, NULL) != 0 ||
        vips_image_generate(out, NULL, generate, NULL, header, reader) != 0) {
        g_clear_object(&out);
    }
    return out;
}
