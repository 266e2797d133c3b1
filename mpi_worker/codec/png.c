// SPDX-License-Identifier: MIT
//
// Encoding a still as PNG: our own loop around libpng, fed with strips by this thread. 8 and 16
// bits, gray, alpha and resolution stay. A source with a palette, or of one bit, gets the like
// again when the result's colours allow it, which palette.c finds out.
#include "mpi_worker/codec/png.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/palette.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/meta/container.h"

#include "common/error.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LEVEL = 2 }; // 6 is slower and, on photos, no smaller

struct writer {
    png_structp png;
    png_infop info;
    struct dm_encode *job;
    struct dm_palette *palette; // NULL: true colour or gray
    VipsImage *image;           // in memory when there is a palette
    struct dm_strips strips;
    uint8_t *row;       // of palette indices
    GByteArray *memory; // (nullable) where the file goes instead of the sink
    GByteArray *chunks; // on their way
    bool bare;          // without what the file says of itself
    char message[160];
};

// ---- libpng's callbacks

static void escape(png_structp png, png_const_charp message) {
    struct writer *writer = png_get_error_ptr(png);
    g_strlcpy(writer->message, message, sizeof(writer->message));
    png_longjmp(png, 1);
}

static void stay_silent(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void pour(png_structp png, png_bytep data, size_t size) {
    struct writer *writer = png_get_io_ptr(png);
    if (writer->memory != NULL) {
        g_byte_array_append(writer->memory, data, (guint)size);
    } else if (!dm_sink_write(writer->job->sink, data, size)) {
        png_error(png, "writing failed");
    }
}

static void no_flush(png_structp png) {
    (void)png;
}

// ---- what stands before the pixels

/** Chunks that the file says of itself, as the room of meta makes them. */
static void write_said(struct writer *writer, bool behind_palette) {
    if (!writer->bare) {
        writer->chunks = dm_meta_png_chunks(writer->job->meta, behind_palette);
        pour(writer->png, writer->chunks->data, writer->chunks->len);
        g_byte_array_unref(g_steal_pointer(&writer->chunks));
    }
}

static void set_palette(struct writer *writer) {
    const struct dm_palette *palette = writer->palette;
    png_color colours[256] = {0};
    png_byte alphas[256] = {0};
    bool has_alpha = false;
    for (int i = 0; i < palette->count; i++) {
        const uint8_t *c = palette->colours[i];
        colours[i] = (png_color){c[0], c[1], c[2]};
        alphas[i] = c[3];
        has_alpha = has_alpha || c[3] != 255;
    }
    png_set_PLTE(writer->png, writer->info, colours, palette->count);
    if (has_alpha) {
        png_set_tRNS(writer->png, writer->info, alphas, palette->count, NULL);
    }
}

static int colour_type(const struct writer *writer) {
    static const int by_bands[] = {[1] = PNG_COLOR_TYPE_GRAY,
                                   [2] = PNG_COLOR_TYPE_GRAY_ALPHA,
                                   [3] = PNG_COLOR_TYPE_RGB,
                                   [4] = PNG_COLOR_TYPE_RGB_ALPHA};
    if (writer->palette != NULL) {
        return writer->palette->gray ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_PALETTE;
    }
    return by_bands[writer->image->Bands];
}

static int depth_bits(const struct writer *writer) {
    if (writer->palette != NULL) {
        return writer->palette->depth_bits;
    }
    return writer->image->BandFmt == VIPS_FORMAT_USHORT ? 16 : 8;
}

static void write_header(struct writer *writer) {
    int effort = writer->job->output->effort;
    int depth = depth_bits(writer), type = colour_type(writer);
    bool asked = writer->job->output->format != NULL && effort >= 0;
    png_set_compression_level(writer->png, asked ? effort : DEFAULT_LEVEL);
    png_set_compression_buffer_size(writer->png, 65536);
    // One filter, not libpng's trial of five a row: on photos half the time and no larger.
    if (writer->palette == NULL) {
        png_set_filter(writer->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    }
    // A broken profile or EXIF must not stop the picture.
    png_set_benign_errors(writer->png, 1);
    png_set_IHDR(writer->png, writer->info, (png_uint_32)writer->image->Xsize,
                 (png_uint_32)writer->image->Ysize, depth, type, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    if (type == PNG_COLOR_TYPE_PALETTE) {
        set_palette(writer);
    }
    png_write_info_before_PLTE(writer->png, writer->info);
    write_said(writer, false);
    png_write_info(writer->png, writer->info);
    write_said(writer, true);
    if (depth == 16 && G_BYTE_ORDER == G_LITTLE_ENDIAN) {
        png_set_swap(writer->png);
    }
    if (depth < 8) {
        png_set_packing(writer->png);
    }
}

// ---- the loop

static void write_strip(struct writer *writer) {
    for (int i = 0; i < writer->strips.rows; i++) {
        VipsPel *row = dm_strips_row(&writer->strips, i);
        if (writer->palette != NULL) {
            dm_palette_map_row(writer->palette, row, writer->image->Xsize, writer->row);
            row = writer->row;
        }
        png_write_row(writer->png, row);
    }
}

/** Everything that libpng may jump out of. */
static bool encode(struct writer *writer) {
    if (setjmp(png_jmpbuf(writer->png)) != 0) {
        return false;
    }
    write_header(writer);
    while (dm_strips_next(&writer->strips)) {
        if (writer->strips.rows == 0) {
            png_write_end(writer->png, NULL);
            return true;
        }
        write_strip(writer);
    }
    writer->job->pixels_failed = true;
    return false;
}

/** Palettes must be known before the first row: such a picture is computed into memory first. */
static bool look_for_palette(struct writer *writer) {
    const struct dm_header *source = writer->job->source;
    VipsImage *image = writer->job->image;
    writer->image = g_object_ref(image);
    bool few = source != NULL && (source->palette || source->depth_bits < 8);
    if (!few || image->BandFmt != VIPS_FORMAT_UCHAR) {
        return true;
    }
    g_object_unref(writer->image);
    writer->image = dm_strips_to_memory(image);
    if (writer->image == NULL) {
        return false;
    }
    writer->palette = dm_palette_new(writer->image, !source->palette);
    writer->row = writer->palette == NULL ? NULL : g_malloc((size_t)image->Xsize);
    return true;
}

/** Write one picture. False: writer->message, unless pixels or the sink failed. */
static bool write_picture(struct writer *writer) {
    writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, escape, stay_silent);
    writer->info = png_create_info_struct(writer->png);
    png_set_write_fn(writer->png, writer, pour, no_flush);
    writer->job->pixels_failed = !dm_strips_init(&writer->strips, writer->image);
    bool good = !writer->job->pixels_failed && encode(writer);
    dm_strips_clear(&writer->strips);
    g_clear_pointer(&writer->chunks, g_byte_array_unref);
    png_destroy_write_struct(&writer->png, &writer->info);
    return good;
}

bool dm_png_in_memory(VipsImage *image, struct dm_encode *job, bool bare, GByteArray *ret_file,
                      GError **error) {
    struct writer writer = {.job = job, .image = image, .memory = ret_file, .bare = bare};
    return write_picture(&writer) ||
           (!job->pixels_failed &&
            dm_fail(error, DM_ERROR_INPUT, "writing png: %s", writer.message));
}

bool dm_png_encode_still(struct dm_encode *job, GError **error) {
    struct writer writer = {.job = job};
    job->pixels_failed = !look_for_palette(&writer);
    bool good = !job->pixels_failed && write_picture(&writer);
    if (!good && !job->pixels_failed && job->sink->errnum == 0) {
        dm_fail(error, DM_ERROR_INPUT, "writing png: %s", writer.message);
    }
    g_clear_object(&writer.image);
    dm_palette_free(writer.palette);
    g_free(writer.row);
    return good;
}
