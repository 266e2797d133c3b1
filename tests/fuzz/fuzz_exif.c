// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as an EXIF block. What is written again can be written once more, and
// is then the same.
#include "mpi_worker/codec/exif.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct dm_exif_facts facts = {6, 640, 480};
    size_t once_size = 0, twice_size = 0;
    uint8_t *once = dm_exif_rewrite(data, size, &facts, &once_size);
    if (once == NULL) {
        return 0;
    }
    uint8_t *twice = dm_exif_rewrite(once, once_size, &facts, &twice_size);
    g_assert_cmpuint(once_size, ==, twice_size);
    g_assert_true(memcmp(once, twice, once_size) == 0);
    free(twice);
    free(once);
    return 0;
}
