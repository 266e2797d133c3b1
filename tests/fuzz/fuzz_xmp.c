// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as an XMP packet, corrected for a picture that moved; as two packets
// that are joined; and as one that is split.
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/meta/meta.h"
#include "mpi_worker/meta/xmp_extended.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void join_and_split(GBytes *packet) {
    GBytes *extended = NULL;
    GBytes *joined = dm_xmp_join(packet, packet);
    GBytes *standard = dm_xmp_split(packet, 700, &extended);
    g_free(dm_xmp_extended_name(packet));
    g_clear_pointer(&joined, g_bytes_unref);
    g_clear_pointer(&standard, g_bytes_unref);
    g_clear_pointer(&extended, g_bytes_unref);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct dm_meta_facts facts = {.orientation = 1,
                                        .source_width_px = 100,
                                        .source_height_px = 50,
                                        .width_px = 60,
                                        .height_px = 40,
                                        .place = {0, -1.25, 1.1, 1.5, 0, -0.2},
                                        .recoloured = true,
                                        .mime = "image/jpeg"};
    struct dm_meta *meta = dm_meta_new();
    meta->orientation = 6;
    meta->xmp = g_bytes_new(data, size);
    join_and_split(meta->xmp);
    dm_meta_correct(meta, &facts);
    dm_meta_free(meta);
    return 0;
}
