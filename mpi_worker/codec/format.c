// SPDX-License-Identifier: MIT
//
// The two faces of the table of formats: `formats` is what the catalogue prints, `codecs` what the
// worker does. The index keeps a row's halves together.
#include "mpi_worker/codec/format.h"

#include "mpi_worker/codec/tiff_pages.h"

#include <glib.h>
#include <string.h>

enum { JPEG, PNG, WEBP, TIFF, GIF, HEIF, AVIF, FORMAT_COUNT };

static const struct dm_format formats[] = {
    [JPEG] = {"jpeg", "jpg jpeg jpe jfif", "image/jpeg", .reads = true, .writes = true},
    [PNG] = {"png", "png", "image/png", .reads = true, .writes = true},
    [WEBP] = {"webp", "webp", "image/webp", .reads = true, .writes = true},
    [TIFF] = {"tiff", "tif tiff", "image/tiff", .reads = true, .writes = true},
    [GIF] = {"gif", "gif", "image/gif", .reads = true, .writes = true},
    [HEIF] = {"heif", "heic heif hif", "image/heif", .reads = true},
    [AVIF] = {"avif", "avif", "image/avif", .reads = true, .writes = true},
};

static const struct dm_codec codecs[] = {
    [JPEG] = {.info = &formats[JPEG],
              .loader = "jpegload_buffer",
              .decode = dm_decode_jpeg,
              .scan = dm_scan_jpeg,
              .ending = dm_ending_jpeg,
              .encode = dm_encode_jpeg,
              .colour = {.profile = true, .gray = true},
              .max_side_px = 65500,
              .orientation = true,
              .shrinks = true,
              .streams = true},
    [PNG] = {.info = &formats[PNG],
             .loader = "pngload_buffer",
             .open = dm_open_png,
             .scan = dm_scan_png,
             .ending = dm_ending_png,
             .encode = dm_encode_png,
             .colour = {.profile = true, .gray = true, .hdr = true},
             .max_side_px = 1000000,
             .many = DM_MANY_FRAMES,
             .alpha = true,
             .depth16 = true,
             .streams = true},
    [WEBP] = {.info = &formats[WEBP],
              .loader = "webpload_buffer",
              .scan = dm_scan_webp,
              .ending = dm_ending_riff,
              .encode = dm_encode_webp,
              .colour = {.profile = true},
              .max_side_px = 16383,
              .many = DM_MANY_FRAMES,
              .alpha = true,
              .gathers = true,
              .encoder_bytes = 12},
    [TIFF] = {.info = &formats[TIFF],
              .loader = "tiffload_buffer",
              .open = dm_open_tiff,
              .scan = dm_scan_tiff,
              .ending = dm_ending_tiff,
              .encode = dm_encode_tiff,
              .add_page = dm_tiff_add_page,
              .colour = {.profile = true, .gray = true},
              .max_side_px = 10000000,
              .many = DM_MANY_PAGES,
              .extras = true,
              .alpha = true,
              .depth16 = true,
              .streams = true,
              .gathers = true},
    [GIF] = {.info = &formats[GIF],
             .loader = "gifload_buffer",
             .open = dm_open_gif,
             .scan = dm_scan_gif,
             .ending = dm_ending_gif,
             .encode = dm_encode_gif,
             .forgiving = true,
             .max_side_px = 65535,
             .many = DM_MANY_FRAMES,
             .alpha = true,
             .gathers = true,
             .encoder_bytes = 40},
    [HEIF] = {.info = &formats[HEIF],
              .moves = true,
              .loader = "heifload_buffer",
              .decode = dm_decode_heif,
              .scan = dm_scan_heif,
              .ending = dm_ending_boxes,
              .fallback = "jpeg"},
    [AVIF] = {.info = &formats[AVIF],
              .moves = true,
              .loader = "heifload_buffer",
              .decode = dm_decode_heif,
              .scan = dm_scan_heif,
              .ending = dm_ending_boxes,
              .encode = dm_encode_avif,
              .colour = {.profile = true, .hdr = true},
              .max_side_px = 16384,
              .alpha = true,
              .depth16 = true,
              .gathers = true,
              .encoder_bytes = 20},
};

_Static_assert(G_N_ELEMENTS(formats) == FORMAT_COUNT, "each format has its row");
_Static_assert(G_N_ELEMENTS(codecs) == FORMAT_COUNT, "each format has its codec");

const struct dm_format *dm_formats(size_t *ret_count) {
    *ret_count = FORMAT_COUNT;
    return formats;
}

const struct dm_codec *dm_codec_find(const char *name) {
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &codecs[i];
        }
    }
    return NULL;
}

bool dm_codec_is_whole(const struct dm_codec *codec, const uint8_t *data, size_t size) {
    struct dm_source source = dm_source_memory(data, size);
    return codec->ending(&source) != DM_ENDING_MISSING;
}

char *dm_formats_readable(void) {
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (formats[i].reads) {
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", formats[i].name);
        }
    }
    return g_string_free(text, FALSE);
}
