// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a TIFF whose numbers are no usual samples: read by our own reader
// whatever they are, and opened as a page.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/codec/tiff_samples.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"

#include <stdint.h>

enum { MOST_SAMPLES = 1 << 18 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pull(VipsImage *image) {
    if (image != NULL && (int64_t)image->Xsize * image->Ysize * image->Bands <= MOST_SAMPLES) {
        VipsImage *memory = dm_strips_to_memory(image);
        g_clear_object(&memory);
    }
    g_clear_object(&image);
    vips_error_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dm_vips_setup(NULL);
    struct dm_bytes bytes = {g_memdup2(data, size), size};
    g_autoptr(GString) remarks = g_string_new(NULL);
    char *unsupported = NULL;
    pull(dm_tiff_samples(&bytes, 0, remarks));
    pull(dm_open_tiff(
        &bytes,
        &(struct dm_decode){.shrink = 1, .remarks = remarks, .ret_unsupported = &unsupported}));
    g_free(unsupported);
    g_free(bytes.data);
    return 0;
}
