// SPDX-License-Identifier: MIT
//
// Encoding JPEG: our own loop around libjpeg, fed with strips by this thread. What the source was,
// the result stays: chroma sampling, progressive or not, gray or colour, density, and its metadata
// blocks.
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/metadata.h"
#include "mpi_worker/image/remark.h"
#include "mpi_worker/image/strips.h"

#include "common/error.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

enum { DEFAULT_QUALITY = 85, FULL_CHROMA_FROM = 90, BUFFER_BYTES = 65536 };
enum { SEGMENT_MAX = 65533 }; // payload of one APPn

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
    struct dm_encode *job;
    struct dm_strips strips;
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

static void set_density(struct writer *writer) {
    double dpi = dm_metadata_dpi(writer->job->image);
    if (dpi < 1 || dpi > 65535) {
        return;
    }
    writer->jpeg.density_unit = 1;
    writer->jpeg.X_density = (UINT16)(dpi + 0.5);
    writer->jpeg.Y_density = (UINT16)(MIN(writer->job->image->Yres * 25.4, 65535) + 0.5);
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

// ---- metadata

/** Write one block as one segment behind @prefix; one too long is left out with a remark. */
static void write_block(struct writer *writer, int marker, const char *prefix, size_t prefix_size,
                        struct dm_blob blob) {
    uint8_t *segment;
    if (blob.data == NULL) {
        return;
    }
    if (blob.size > SEGMENT_MAX - prefix_size) {
        dm_remark(writer->job->remarks, "metadata over 64 KB left out of the jpeg");
        return;
    }
    // From libjpeg's own memory: an error on the way does not come back here.
    segment = (*writer->jpeg.mem->alloc_large)((j_common_ptr)&writer->jpeg, JPOOL_IMAGE,
                                               prefix_size + blob.size);
    memcpy(segment, prefix, prefix_size);
    memcpy(segment + prefix_size, blob.data, blob.size);
    jpeg_write_marker(&writer->jpeg, marker, segment, (unsigned)(prefix_size + blob.size));
}

/** IPTC comes bare from a TIFF, and within Photoshop's resource block from a JPEG. */
static void write_iptc(struct writer *writer, struct dm_blob iptc) {
    static const char photoshop[] = "Photoshop 3.0";
    if (iptc.data == NULL) {
        return;
    }
    if (iptc.size > sizeof(photoshop) && memcmp(iptc.data, photoshop, sizeof(photoshop)) == 0) {
        write_block(writer, JPEG_APP0 + 13, "", 0, iptc);
        return;
    }
    // Resource 0x0404, an empty name, the length; the IIM records themselves.
    uint8_t prefix[sizeof(photoshop) + 12] = "Photoshop 3.0\0"
                                             "8BIM\4\4\0";
    uint8_t *length = prefix + sizeof(photoshop) + 8;
    for (int i = 0; i < 4; i++) {
        length[i] = (uint8_t)(iptc.size >> (24 - 8 * i));
    }
    write_block(writer, JPEG_APP0 + 13, (const char *)prefix, sizeof(prefix), iptc);
}

static void write_metadata(struct writer *writer) {
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    VipsImage *image = writer->job->image;
    write_block(writer, JPEG_APP0 + 1, "", 0, dm_metadata(image, VIPS_META_EXIF_NAME));
    write_block(writer, JPEG_APP0 + 1, xmp, sizeof(xmp), dm_metadata(image, VIPS_META_XMP_NAME));
    write_iptc(writer, dm_metadata(image, VIPS_META_IPTC_NAME));
    struct dm_blob icc = dm_metadata(image, VIPS_META_ICC_NAME);
    if (icc.data != NULL) {
        jpeg_write_icc_profile(&writer->jpeg, icc.data, (unsigned)icc.size);
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
    write_metadata(writer);
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
    open_writer(writer);
    job->pixels_failed = !dm_strips_init(&writer->strips, job->image);
    bool good = !job->pixels_failed && encode(writer);
    if (!good && !job->pixels_failed && job->sink->errnum == 0) {
        dm_fail(error, DM_ERROR_INPUT, "writing jpeg: %s", writer->message);
    }
    jpeg_destroy_compress(&writer->jpeg);
    dm_strips_clear(&writer->strips);
    g_free(writer->buffer);
    g_free(writer);
    return good;
}
