// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a TIFF whose page is joined to others. What it says of itself:
// fuzz_meta.c.
#include "mpi_worker/codec/tiff_pages.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GByteArray *file = g_byte_array_new();
    for (int i = 0; i < 3; i++) {
        dm_tiff_add_page(file, data, size);
    }
    g_byte_array_unref(file);
    return 0;
}
