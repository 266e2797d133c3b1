// SPDX-License-Identifier: MIT
//
// See tiff_write.h.
#include "mpi_worker/codec/tiff_write.h"

#include "mpi_worker/codec/palette.h"
#include "mpi_worker/codec/tiff_file.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/strips.h"

#include "common/error.h"
#include "mpi_worker/image/vips_setup.h"

#include <string.h>

enum { BIG_BYTES_SHIFT = 30 }; // BigTIFF from 3 << 30 bytes on
enum { STRIP_BYTES = 256 << 10, PALETTE_COLOURS = 256 };

struct writer {
    TIFF *tiff;
    struct dm_tiff_target target;
    VipsImage *image; // in memory when there is a palette
    struct dm_encode *job;
    struct dm_palette *palette; // NULL: true colour or gray
    struct dm_strips strips;
    uint8_t *indices; // of a row, one byte each
    uint8_t *row;     // what is written
    int bits;
};

static int colours(const struct writer *writer) {
    int known = writer->image->Bands - dm_image_field(writer->image, DM_EXTRA_BANDS_FIELD);
    return known < 3 ? 1 : 3;
}

static bool is_one_bit(const struct writer *writer) {
    return writer->palette != NULL && writer->bits == 1;
}

// ---- what kind it becomes

/** Few colours stay few: such a picture is computed into memory first, and looked at. */
static bool look_for_palette(struct writer *writer, VipsImage *image) {
    bool had_palette = dm_image_field(image, DM_PALETTE_FIELD) != 0;
    bool had_bits = dm_image_field(image, DM_BITS_FIELD) == 1;
    bool opaque = image->Bands == 1 || image->Bands == 3;
    writer->image = g_object_ref(image);
    writer->bits = dm_image_wide(image) ? 16 : 8;
    writer->row = g_malloc0(dm_image_row_size(image) + 1);
    if ((!had_palette && !had_bits) || !opaque || writer->bits == 16) {
        return true;
    }
    g_object_unref(writer->image);
    writer->image = dm_strips_to_memory(image);
    if (writer->image == NULL) {
        return false;
    }
    bool gray = image->Bands == 1;
    writer->palette = had_palette && gray && !had_bits ? NULL : dm_palette_new(writer->image, gray);
    if (writer->palette != NULL && gray && writer->palette->depth_bits != 1) {
        g_clear_pointer(&writer->palette, dm_palette_free);
    }
    if (writer->palette != NULL) {
        writer->bits = gray ? 1 : MAX(writer->palette->depth_bits, 4);
        writer->indices = g_malloc((size_t)image->Xsize);
    }
    return true;
}

// ---- what stands before the pixels

static uint16_t photometric(const struct writer *writer) {
    if (writer->palette != NULL) {
        return writer->palette->gray ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_PALETTE;
    }
    return colours(writer) == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB;
}

static void set_colour_map(struct writer *writer) {
    uint16_t red[PALETTE_COLOURS] = {0}, green[PALETTE_COLOURS] = {0}, blue[PALETTE_COLOURS] = {0};
    for (int i = 0; i < writer->palette->count; i++) {
        const uint8_t *colour = writer->palette->colours[i];
        red[i] = (uint16_t)(colour[0] * 257);
        green[i] = (uint16_t)(colour[1] * 257);
        blue[i] = (uint16_t)(colour[2] * 257);
    }
    TIFFSetField(writer->tiff, TIFFTAG_COLORMAP, red, green, blue);
}

/** What is no colour: alpha, then what nobody but its writer knows. */
static void set_extra_samples(struct writer *writer) {
    uint16_t types[64] = {0};
    int count = writer->image->Bands - colours(writer);
    if (count <= 0 || count > (int)G_N_ELEMENTS(types)) {
        return;
    }
    if (count > dm_image_field(writer->image, DM_EXTRA_BANDS_FIELD)) {
        types[0] = EXTRASAMPLE_UNASSALPHA;
    }
    TIFFSetField(writer->tiff, TIFFTAG_EXTRASAMPLES, count, types);
}

static void set_compression(struct writer *writer, uint16_t compression) {
    bool asked = writer->job->output->compression != NULL;
    bool fax = is_one_bit(writer) && !asked;
    TIFFSetField(writer->tiff, TIFFTAG_COMPRESSION, fax ? COMPRESSION_CCITTFAX4 : compression);
    if (!fax && compression != COMPRESSION_NONE && writer->palette == NULL) {
        TIFFSetField(writer->tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    }
}

static void set_header(struct writer *writer, uint16_t compression) {
    TIFF *tiff = writer->tiff;
    bool mapped = writer->palette != NULL;
    int samples = mapped ? 1 : writer->image->Bands;
    size_t row_bytes = dm_image_row_size(writer->image);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)writer->image->Xsize);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)writer->image->Ysize);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, writer->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric(writer));
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    set_compression(writer, compression);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP,
                 is_one_bit(writer) ? (uint32_t)writer->image->Ysize
                                    : (uint32_t)MAX(STRIP_BYTES / row_bytes, 1));
    if (!mapped) {
        set_extra_samples(writer);
    } else if (!writer->palette->gray) {
        set_colour_map(writer);
    }
}

// ---- the loop

/** Pack indices into @bits each, the first in the upper bits; black ink is 1. */
static void pack(const struct writer *writer, int width) {
    int per_byte = 8 / writer->bits, flip = is_one_bit(writer) ? 1 : 0;
    for (int x = 0; x < width; x += per_byte) {
        unsigned byte = 0;
        for (int i = 0; i < per_byte; i++) {
            unsigned index = x + i < width ? writer->indices[x + i] ^ (unsigned)flip : 0;
            byte = byte << writer->bits | index;
        }
        writer->row[x / per_byte] = (uint8_t)byte;
    }
}

static bool write_strip(struct writer *writer) {
    for (int i = 0; i < writer->strips.rows; i++) {
        uint8_t *row = dm_strips_row(&writer->strips, i);
        uint32_t y = (uint32_t)(writer->strips.y + i);
        if (writer->palette != NULL) {
            dm_palette_map_row(writer->palette, row, writer->image->Xsize, writer->indices);
            pack(writer, writer->image->Xsize);
        } else { // predicting changes the row in its place
            memcpy(writer->row, row, dm_image_row_size(writer->image));
        }
        if (TIFFWriteScanline(writer->tiff, writer->row, y, 0) < 0) {
            return false;
        }
    }
    return true;
}

static bool write_rows(struct writer *writer) {
    while (dm_strips_next(&writer->strips)) {
        if (writer->strips.rows == 0) {
            return TIFFFlush(writer->tiff) != 0;
        }
        if (!write_strip(writer)) {
            return false;
        }
    }
    writer->job->pixels_failed = true;
    return false;
}

bool dm_tiff_write(VipsImage *image, struct dm_encode *job, uint16_t compression, void **ret_data,
                   size_t *ret_size, GError **error) {
    struct writer writer = {.job = job};
    bool big = (double)dm_image_row_size(image) * image->Ysize > (double)(3LL << BIG_BYTES_SHIFT);
    writer.tiff = dm_tiff_file_create(&writer.target, big);
    job->pixels_failed =
        !look_for_palette(&writer, image) || !dm_strips_init(&writer.strips, writer.image);
    bool good = writer.tiff != NULL && !job->pixels_failed;
    if (good) {
        set_header(&writer, compression);
        good = write_rows(&writer);
    }
    if (writer.tiff != NULL) {
        TIFFClose(writer.tiff);
    }
    if (!good && !job->pixels_failed) {
        g_autofree char *why = dm_vips_error();
        dm_fail(error, DM_ERROR_INPUT, "writing tiff: %s", why);
    }
    *ret_size = writer.target.bytes->len;
    *ret_data = g_byte_array_free(writer.target.bytes, !good);
    dm_strips_clear(&writer.strips);
    g_clear_object(&writer.image);
    dm_palette_free(writer.palette);
    g_free(writer.indices);
    g_free(writer.row);
    return good;
}
