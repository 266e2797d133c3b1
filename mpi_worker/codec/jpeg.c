// SPDX-License-Identifier: MIT
//
// Encoding JPEG: our own loop around libjpeg, fed with strips by this thread. What the source was,
// the result stays: chroma sampling, progressive or not, gray or colour, density, and its metadata
// blocks.
#include "common/bytes.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/meta/container.h"

#include "common/error.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

enum { DEFAULT_QUALITY = 85, FULL_CHROMA_FROM = 90, BUFFER_BYTES = 65536 };

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
    struct dm_encode *job;
    struct dm_strips strips;
    GByteArray *segments; // to be written behind the first
    JOCTET *buffer;
};

// ---- libjpeg's callbacks

static struct writer *writer_of(j_common_ptr jpeg) {
    return jpeg->client_data;
}

static void escape(j_common_ptr jpeg) {
    struct writer *writer = writer_of(jpeg);
    jpeg->err->format_message(jpeg, writer->message);
    longjmp(writer->escape, 1);
}

static void stay_silent(j_common_ptr jpeg) {
    (void)jpeg;
}

static void begin_buffer(j_compress_ptr jpeg) {
    jpeg->dest->next_output_byte = writer_of((j_common_ptr)jpeg)->buffer;
    jpeg->dest->free_in_buffer = BUFFER_BYTES;
}

static void pour(struct writer *writer, size_t size) {
    if (!dm_sink_write(writer->job->sink, writer->buffer, size)) {
        strcpy(writer->message, "writing failed");
        longjmp(writer->escape, 1);
    }
}

static boolean empty_buffer(j_compress_ptr jpeg) {
    pour(writer_of((j_common_ptr)jpeg), BUFFER_BYTES);
    begin_buffer(jpeg);
    return TRUE;
}

static void end_buffer(j_compress_ptr jpeg) {
    pour(writer_of((j_common_ptr)jpeg), BUFFER_BYTES - jpeg->dest->free_in_buffer);
}

// ---- parameters

/** The source's sampling; else full at high qualities, and at lower ones what the eye wants. */
static void set_sampling(struct writer *writer, int quality) {
    const struct dm_header *source = writer->job->source;
    bool known = source != NULL && source->h_sampling > 0;
    int other = quality < FULL_CHROMA_FROM ? 2 : 1;
    if (writer->jpeg.num_components < 3) {
        return;
    }
    writer->jpeg.comp_info[0].h_samp_factor = known ? source->h_sampling : other;
    writer->jpeg.comp_info[0].v_samp_factor = known ? source->v_sampling : other;
}

/** Whole numbers are all that there is room for. */
static void set_density(struct writer *writer) {
    const struct dm_meta_resolution *resolution = &writer->job->meta->resolution;
    double most = MAX(resolution->x, resolution->y);
    if (!(resolution->x > 0 && resolution->y > 0) || most < 1 || most > 65535) {
        return;
    }
    writer->jpeg.density_unit = (UINT8)resolution->unit;
    writer->jpeg.X_density = (UINT16)MAX(resolution->x + 0.5, 1);
    writer->jpeg.Y_density = (UINT16)MAX(resolution->y + 0.5, 1);
}

static int quality_of(const struct dm_encode *job) {
    const struct dm_output *output = job->output;
    if (output->same_quality && job->source != NULL && job->source->quality > 0) {
        return job->source->quality;
    }
    return output->quality > 0 ? output->quality : DEFAULT_QUALITY;
}

static void set_parameters(struct writer *writer) {
    const struct dm_encode *job = writer->job;
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    int quality = quality_of(job);
    jpeg->image_width = (JDIMENSION)job->image->Xsize;
    jpeg->image_height = (JDIMENSION)job->image->Ysize;
    jpeg->input_components = job->image->Bands;
    jpeg->in_color_space = job->image->Bands == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    set_sampling(writer, quality);
    set_density(writer);
    if (job->source != NULL && job->source->progressive) {
        jpeg_simple_progression(jpeg);
    }
}

// ---- what it says

static void write_segments(struct writer *writer) {
    const GByteArray *segments = writer->segments;
    for (guint at = 0; at + 4 <= segments->len;) {
        unsigned length = dm_be16(segments->data + at + 2);
        jpeg_write_marker(&writer->jpeg, segments->data[at + 1], segments->data + at + 4,
                          length - 2);
        at += 2 + length;
    }
}

// ---- the loop

static void write_strip(struct writer *writer) {
    JSAMPROW rows[DM_STRIP_ROWS];
    for (int i = 0; i < writer->strips.rows; i++) {
        rows[i] = dm_strips_row(&writer->strips, i);
    }
    jpeg_write_scanlines(&writer->jpeg, rows, (JDIMENSION)writer->strips.rows);
}

static bool write_picture(struct writer *writer) {
    jpeg_start_compress(&writer->jpeg, TRUE);
    write_segments(writer);
    while (dm_strips_next(&writer->strips)) {
        if (writer->strips.rows == 0) {
            jpeg_finish_compress(&writer->jpeg);
            return true;
        }
        write_strip(writer);
    }
    writer->job->pixels_failed = true;
    return false;
}

static void open_writer(struct writer *writer) {
    writer->jpeg.err = jpeg_std_error(&writer->errors);
    writer->errors.error_exit = escape;
    writer->errors.output_message = stay_silent;
    writer->jpeg.client_data = writer;
    writer->destination.init_destination = begin_buffer;
    writer->destination.empty_output_buffer = empty_buffer;
    writer->destination.term_destination = end_buffer;
}

/** Everything that libjpeg may jump out of. */
static bool encode(struct writer *writer) {
    if (setjmp(writer->escape) != 0) {
        return false;
    }
    jpeg_create_compress(&writer->jpeg);
    writer->jpeg.client_data = writer;
    writer->jpeg.dest = &writer->destination;
    set_parameters(writer);
    return write_picture(writer);
}

bool dm_encode_jpeg(struct dm_encode *job, GError **error) {
    struct writer *writer = g_new0(struct writer, 1);
    writer->job = job;
    writer->buffer = g_malloc(BUFFER_BYTES);
    writer->segments = dm_meta_jpeg_segments(job->meta);
    open_writer(writer);
    job->pixels_failed = !dm_strips_init(&writer->strips, job->image);
    bool good = !job->pixels_failed && encode(writer);
    if (!good && !job->pixels_failed && job->sink->errnum == 0) {
        dm_fail(error, DM_ERROR_INPUT, "writing jpeg: %s", writer->message);
    }
    jpeg_destroy_compress(&writer->jpeg);
    dm_strips_clear(&writer->strips);
    g_byte_array_unref(writer->segments);
    g_free(writer->buffer);
    g_free(writer);
    return good;
}
