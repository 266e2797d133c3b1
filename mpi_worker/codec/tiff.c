// SPDX-License-Identifier: MIT
//
// TIFF: tiff_open.c reads the pixels and tiff_write.c writes them; EXIF and IPTC are taken over
// here.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/exif.h"
#include "mpi_worker/codec/metadata.h"
#include "mpi_worker/codec/tiff_exif.h"
#include "mpi_worker/codec/tiff_pages.h"
#include "mpi_worker/codec/tiff_write.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"

#include "common/error.h"

#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

VipsImage *dm_decode_tiff(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how) {
    if (how->page > 0) { // EXIF is of the first one
        return header;
    }
    size_t size = 0;
    uint8_t *exif = dm_exif_from_tiff(bytes->data, bytes->size, &size);
    if (exif != NULL) {
        vips_image_set_blob_copy(header, VIPS_META_EXIF_NAME, exif, size);
    }
    free(exif);
    return header;
}

// The first is the default. Names: as op_tiff.c writes them.
static const struct {
    const char *name;
    uint16_t compression;
} compressions[] = {
    {"lzw", COMPRESSION_LZW},
    {"deflate", COMPRESSION_ADOBE_DEFLATE},
    {"none", COMPRESSION_NONE},
};

static uint16_t compression(const struct dm_output *output) {
    for (size_t i = 0; i < G_N_ELEMENTS(compressions); i++) {
        if (g_strcmp0(compressions[i].name, output->compression) == 0) {
            return compressions[i].compression;
        }
    }
    return compressions[0].compression;
}

/** Metadata as a TIFF has it. */
struct extras {
    uint8_t *exif, *iptc; // nullable
    size_t exif_size, iptc_size;
};

/** Take the picture's EXIF and IPTC, the latter away from libvips, which would spoil it. */
static struct extras take_extras(VipsImage *image) {
    struct extras extras = {0};
    struct dm_blob exif = dm_metadata(image, VIPS_META_EXIF_NAME);
    struct dm_blob iptc = dm_metadata_bare_iptc(dm_metadata(image, VIPS_META_IPTC_NAME));
    if (exif.data != NULL) {
        extras.exif = dm_exif_little_endian(exif.data, exif.size, &extras.exif_size);
    }
    if (iptc.data != NULL) {
        extras.iptc = g_memdup2(iptc.data, iptc.size);
        extras.iptc_size = iptc.size;
    }
    vips_image_remove(image, VIPS_META_IPTC_NAME);
    return extras;
}

/** Put them into a file that libvips wrote, in place of it. */
static void add_extras(const struct dm_encode *job, const struct extras *extras, void **data,
                       size_t *size) {
    if (extras->exif == NULL && extras->iptc == NULL) {
        return;
    }
    GByteArray *file = dm_tiff_add_metadata(*data, *size, extras->exif, extras->exif_size,
                                            extras->iptc, extras->iptc_size);
    if (file == NULL) {
        dm_remark(job->remarks, "EXIF and IPTC left out of the tiff");
        return;
    }
    g_free(*data);
    *size = file->len;
    *data = g_byte_array_free(file, FALSE);
}

/** Write one page into memory; as a dm_encode_fn. *@ret_data is to be g_free()d. */
static bool encode_page(struct dm_encode *job, VipsImage *image, void **ret_data, size_t *ret_size,
                        GError **error) {
    g_autoptr(VipsImage) own = NULL; // whose metadata may be changed
    job->pixels_failed = vips_copy(image, &own, NULL) != 0;
    if (job->pixels_failed) {
        return false;
    }
    struct extras extras = take_extras(own);
    bool good = dm_tiff_write(own, job, compression(job->output), ret_data, ret_size, error);
    if (good) {
        add_extras(job, &extras, ret_data, ret_size);
    }
    free(extras.exif);
    g_free(extras.iptc);
    return good;
}

/** Page @index of a roll behind those in @file. */
static bool add_page(struct dm_encode *job, int index, GByteArray *file, GError **error) {
    int height = vips_image_get_page_height(job->image);
    VipsImage *page = NULL;
    void *data = NULL;
    size_t size = 0;
    job->pixels_failed = vips_extract_area(job->image, &page, 0, index * height, job->image->Xsize,
                                           height, NULL) != 0;
    if (job->pixels_failed) {
        return false;
    }
    bool good = encode_page(job, page, &data, &size, error);
    if (good && !dm_tiff_add_page(file, data, size)) {
        good = dm_fail(error, DM_ERROR_INPUT, "its pages are too large for one tiff");
    }
    g_object_unref(page);
    g_free(data);
    return good;
}

static bool encode_roll(struct dm_encode *job, int pages, GError **error) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    for (int i = 0; i < pages; i++) {
        if (!add_page(job, i, file, error)) {
            return false;
        }
    }
    return dm_sink_write(job->sink, file->data, file->len);
}

bool dm_encode_tiff(struct dm_encode *job, GError **error) {
    int pages = vips_image_get_n_pages(job->image);
    void *data = NULL;
    size_t size = 0;
    if (pages > 1 && vips_image_get_page_height(job->image) < job->image->Ysize) {
        return encode_roll(job, pages, error);
    }
    bool good =
        encode_page(job, job->image, &data, &size, error) && dm_sink_write(job->sink, data, size);
    g_free(data);
    return good;
}
