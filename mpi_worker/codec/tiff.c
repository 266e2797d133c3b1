// SPDX-License-Identifier: MIT
//
// TIFF: tiff_write.c writes the pixels, meta/ what the file says of itself.
#include "mpi_worker/codec/encode.h"
#include "mpi_worker/codec/tiff_pages.h"
#include "mpi_worker/codec/tiff_write.h"

#include "common/error.h"

#include <tiffio.h>

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

/** Write one page into memory; as a dm_encode_fn. *@ret_data is to be g_free()d. */
static bool encode_page(struct dm_encode *job, VipsImage *image, void **ret_data, size_t *ret_size,
                        GError **error) {
    return dm_tiff_write(image, job, compression(job->output), ret_data, ret_size, error);
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
    return dm_encode_write_said(job, "tiff", file->data, file->len);
}

bool dm_encode_tiff(struct dm_encode *job, GError **error) {
    int pages = vips_image_get_n_pages(job->image);
    void *data = NULL;
    size_t size = 0;
    if (pages > 1 && vips_image_get_page_height(job->image) < job->image->Ysize) {
        return encode_roll(job, pages, error);
    }
    bool good = encode_page(job, job->image, &data, &size, error) &&
                dm_encode_write_said(job, "tiff", data, size);
    g_free(data);
    return good;
}
