// SPDX-License-Identifier: MIT
//
// TIFF: tiff_open.c reads the pixels and tiff_write.c writes them; EXIF and IPTC are taken over
// here.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/exif.h"
#include "mpi_worker/codec/metadata.h"
#include "mpi_worker/codec/tiff_exif.h"
#include "mpi_worker/codec/tiff_write.h"
#include "mpi_worker/image/pixels.h"
#include "mpi_worker/image/remark.h"

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

bool dm_encode_tiff(struct dm_encode *job, GError **error) {
    g_autoptr(VipsImage) own = NULL; // whose metadata may be changed
    void *data = NULL;
    size_t size = 0;
    job->pixels_failed = vips_copy(job->image, &own, NULL) != 0;
    if (job->pixels_failed) {
        return false;
    }
    struct extras extras = take_extras(own);
    bool good = dm_tiff_write(own, job, compression(job->output), &data, &size, error);
    if (good) {
        add_extras(job, &extras, &data, &size);
        good = dm_sink_write(job->sink, data, size);
    }
    g_free(data);
    free(extras.exif);
    g_free(extras.iptc);
    return good;
}
