// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as an EXIF block. What was corrected stays as it is when it is
// corrected again, and is as long as it was, or shorter.
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/meta/meta.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct dm_meta_facts facts = {.orientation = 6,
                                        .source_width_px = 640,
                                        .source_height_px = 480,
                                        .width_px = 640,
                                        .height_px = 480,
                                        .place = {1, 0, 0, 0, 1, 0}};
    struct dm_meta *meta = dm_meta_new();
    meta->exif = g_bytes_new(data, size);
    dm_meta_correct(meta, &facts);
    g_assert_cmpuint(g_bytes_get_size(meta->exif), <=, size);
    struct dm_meta *twice = dm_meta_copy(meta);
    dm_meta_correct(twice, &facts);
    dm_meta_free(twice);
    dm_meta_free(meta);
    return 0;
}
