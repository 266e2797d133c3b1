// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a GIF and as a PNG that moves. Every frame is drawn, or refused.
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"

#include <stdint.h>

enum { MOST_PIXELS = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void draw(dm_open_fn open, const struct dm_bytes *bytes) {
    VipsImage *image = open(bytes, &(struct dm_decode){.shrink = 1, .all_pages = true});
    if (image != NULL && (int64_t)image->Xsize * image->Ysize <= MOST_PIXELS) {
        VipsImage *memory = dm_strips_to_memory(image);
        g_clear_object(&memory);
    }
    g_clear_object(&image);
    vips_error_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dm_vips_setup(NULL);
    struct dm_bytes bytes = {g_memdup2(data, size), size};
    draw(dm_open_gif, &bytes);
    draw(dm_open_png, &bytes);
    g_free(bytes.data);
    return 0;
}
