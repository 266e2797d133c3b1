// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a TIFF whose EXIF is read, and whose page is joined to another, and
// as an EXIF block that goes into one.
#include "mpi_worker/codec/exif.h"
#include "mpi_worker/codec/tiff_exif.h"
#include "mpi_worker/codec/tiff_pages.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// One directory with a width and a next directory that is not there.
static const uint8_t small_tiff[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0, 1, 4,
                                     0,   1,   0,  0, 0, 9, 0, 0, 0, 0, 0, 0, 0};

static void add(const uint8_t *tiff, size_t tiff_size, const uint8_t *exif, size_t exif_size) {
    GByteArray *file =
        dm_tiff_add_metadata(tiff, tiff_size, exif, exif_size, (const uint8_t *)"iptc", 4);
    if (file != NULL) {
        g_assert_cmpuint(file->len, >, tiff_size);
        g_byte_array_unref(file);
    }
}

static void join(const uint8_t *data, size_t size) {
    GByteArray *file = g_byte_array_new();
    for (int i = 0; i < 3; i++) {
        dm_tiff_add_page(file, data, size);
    }
    g_byte_array_unref(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t exif_size = 0;
    free(dm_exif_from_tiff(data, size, &exif_size));
    add(small_tiff, sizeof(small_tiff), data, size);
    add(data, size, NULL, 0);
    join(data, size);
    uint8_t *exif = dm_exif_little_endian(data, size, &exif_size);
    if (exif != NULL) {
        add(small_tiff, sizeof(small_tiff), exif, exif_size);
    }
    free(exif);
    return 0;
}
