// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a file of each container, whose words are corrected for a turned
// and cut picture and written into files of each. The first byte chooses both.
#include "mpi_worker/meta/containers.h"
#include "mpi_worker/meta/corrections.h"
#include "mpi_worker/meta/jpeg_parts.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const formats[] = {"jpeg", "png", "webp", "tiff", "gif", "avif"};

// The smallest that each writer takes for a file of pixels.
static const uint8_t webp[] = {'R', 'I', 'F', 'F', 22, 0, 0, 0, 'W',  'E', 'B',  'P', 'V', 'P', '8',
                               ' ', 10,  0,   0,   0,  0, 0, 0, 0x9D, 1,   0x2A, 4,   0,   4,   0};
static const uint8_t tiff[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0, 1, 4,
                               0,   1,   0,  0, 0, 9, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t gif[] = {'G', 'I', 'F', '8', '7', 'a', 4, 0, 4, 0, 0, 0, 0, ';'};

static void write_into(const struct dm_meta *meta, const char *format, const uint8_t *file,
                       size_t size) {
    GByteArray *out = dm_meta_write(meta, format, file, size);
    if (out != NULL) {
        dm_meta_free(dm_meta_read(format, out->data, out->len, 0));
        g_byte_array_unref(out);
    }
}

static void write_all(struct dm_meta *meta, const uint8_t *data, size_t size) {
    g_byte_array_unref(dm_meta_jpeg_segments(meta));
    g_byte_array_unref(dm_meta_png_chunks(meta, false));
    g_byte_array_unref(dm_meta_png_chunks(meta, true));
    write_into(meta, "webp", webp, sizeof(webp));
    write_into(meta, "gif", gif, sizeof(gif));
    write_into(meta, "avif", data, size);
    write_into(meta, "webp", data, size);
    write_into(meta, "tiff", data, size);
    write_into(meta, "gif", data, size);
    if (meta->others->len == 0) {
        write_into(meta, "tiff", tiff, sizeof(tiff));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const struct dm_meta_facts facts = {.orientation = 1 + (data[0] >> 4) % 8,
                                        .source_width_px = 100,
                                        .source_height_px = 50,
                                        .width_px = 40,
                                        .height_px = 60,
                                        .place = {0, -1.25, 1.1, 1.5, 0, -0.2},
                                        .recoloured = true,
                                        .is_srgb = true,
                                        .little_endian = data[0] & 8,
                                        .gain_map_bytes = data[0] & 1,
                                        .mime = "image/png"};
    const char *format = formats[data[0] % G_N_ELEMENTS(formats)];
    struct dm_meta *meta = dm_meta_read(format, data + 1, size - 1, data[0] & 1);
    struct dm_meta *copy = dm_meta_copy(meta);
    dm_meta_correct(copy, &facts);
    dm_meta_fit(copy, formats[data[1] % G_N_ELEMENTS(formats)]);
    write_all(copy, data + 1, size - 1);
    dm_meta_free(copy);
    dm_meta_free(meta);
    return 0;
}
