// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as what a file says of its colours, code points and then a profile, of
// a gray picture and a coloured one, on its way into sRGB.
#include "mpi_worker/image/meaning.h"
#include "mpi_worker/image/strips.h"
#include "mpi_worker/image/vips_setup.h"

#include <stdint.h>
#include <string.h>

enum { CODES_BYTES = 8 + 4 + 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void go_through(int bands, const struct dm_meta *file) {
    g_autoptr(GString) remarks = g_string_new(NULL);
    VipsImage *black = NULL, *named = NULL, *entered = NULL, *left = NULL;
    vips_black(&black, 4, 4, "bands", bands, NULL);
    vips_copy(black, &named, "interpretation",
              bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, NULL);
    if (dm_meaning_enter(named, file, remarks, &entered) &&
        dm_meaning_leave(entered, &(struct dm_meaning_room){0}, remarks, &left, NULL)) {
        VipsImage *memory = dm_strips_to_memory(left);
        g_clear_object(&memory);
    }
    g_clear_object(&left);
    g_clear_object(&entered);
    g_object_unref(named);
    g_object_unref(black);
    vips_error_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    dm_vips_setup(NULL);
    if (size < CODES_BYTES) {
        return 0;
    }
    struct dm_meta *file = dm_meta_new();
    struct dm_meta_colour *colour = &file->colour;
    file->container = data[0] & 1 ? "png" : "avif";
    colour->has_codes = data[0] & 2;
    colour->has_chroma = data[0] & 4;
    colour->srgb = data[0] & 8;
    colour->exif_space = data[1] & 3;
    colour->primaries = data[2];
    colour->transfer = data[3];
    memcpy(&colour->gamma, data + 8, sizeof(colour->gamma));
    memcpy(colour->chroma, data + 12, sizeof(colour->chroma));
    if (size > CODES_BYTES) {
        colour->profile = g_bytes_new(data + CODES_BYTES, size - CODES_BYTES);
    }
    go_through(1, file);
    go_through(3, file);
    dm_meta_free(file);
    return 0;
}
