// SPDX-License-Identifier: MIT
//
// Magic bytes, headers and ends, on bytes written by hand.
#include "mpi_worker/codec/sniff.h"

#include <string.h>

struct sample {
    const char *bytes;
    size_t size;
    const char *format; // NULL: refused
    enum dm_reason reason;
    const char *seems;
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct sample samples[] = {
    {BYTES("\xFF\xD8\xFF\xE0"), "jpeg", 0, NULL},
    {BYTES("\x89PNG\r\n\x1A\n"), "png", 0, NULL},
    {BYTES("RIFF\4\0\0\0WEBPVP8 "), "webp", 0, NULL},
    {BYTES("GIF89a"), "gif", 0, NULL},
    {BYTES("II*\0\10\0\0\0"), "tiff", 0, NULL},
    {BYTES("MM\0*\0\0\0\10"), "tiff", 0, NULL},
    {BYTES("\0\0\0\x1c"
           "ftypheic\0\0\0\0mif1heic"),
     "heif", 0, NULL},
    {BYTES("\0\0\0\x1c"
           "ftypmif1\0\0\0\0mif1heic"),
     "heif", 0, NULL},
    {BYTES("\0\0\0\x1c"
           "ftypmif1\0\0\0\0mif1avif"),
     "avif", 0, NULL},
    {BYTES("\0\0\0\x1c"
           "ftypavif\0\0\0\0mif1miaf"),
     "avif", 0, NULL},
    {BYTES(""), NULL, DM_REASON_EMPTY, NULL},
    {BYTES("\x01\x02\x03\x04"), NULL, DM_REASON_NOT_AN_IMAGE, NULL},
    {BYTES("dear diary"), NULL, DM_REASON_NOT_AN_IMAGE, "text"},
    {BYTES("BMW prices"), NULL, DM_REASON_NOT_AN_IMAGE, "text"},
    {BYTES("Gr\xC3\xBC\xC3\x9F"
           "e aus Bern"),
     NULL, DM_REASON_NOT_AN_IMAGE, "text"},
    {BYTES("BM\x10\0\0\0\0\0"), NULL, DM_REASON_UNSUPPORTED_FORMAT, "a BMP picture"},
    {BYTES("%PDF-1.7\n"), NULL, DM_REASON_UNSUPPORTED_FORMAT, "a PDF document"},
    {BYTES("8BPS\0\1"), NULL, DM_REASON_UNSUPPORTED_FORMAT, "a Photoshop document"},
    {BYTES("<?xml version='1.0'?><SVG/>"), NULL, DM_REASON_UNSUPPORTED_FORMAT, "an SVG drawing"},
    {BYTES(" \n<!DOCTYPE html>"), NULL, DM_REASON_UNSUPPORTED_FORMAT, "a web page"},
    {BYTES("PK\3\4\0\0"), NULL, DM_REASON_UNSUPPORTED_FORMAT,
     "a ZIP archive or an office document"},
    {BYTES("\0\0\0\x18"
           "ftypisom\0\0\0\0mp41"),
     NULL, DM_REASON_UNSUPPORTED_FORMAT, "an MP4 or QuickTime video"},
    {BYTES("\0\0\0\x18"
           "ftypcrx \0\0\0\0crx "),
     NULL, DM_REASON_UNSUPPORTED_FORMAT, "a camera's raw file (CR3)"},
    // A TIFF with one entry: DNGVersion.
    {BYTES("II*\0\10\0\0\0\1\0\x12\xC6\1\0\4\0\0\0\1\4\0\0\0\0\0\0"), NULL,
     DM_REASON_UNSUPPORTED_FORMAT, "a camera's raw file"},
    {BYTES("\0\0\0\0\0\0\0\0"), NULL, DM_REASON_NOT_AN_IMAGE,
     "a file of zeros, which a copy leaves that was never finished"},
};

static void test_formats(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        struct dm_sniff sniff;
        dm_sniff((const uint8_t *)samples[i].bytes, samples[i].size, &sniff);
        g_test_message("sample %zu", i);
        if (samples[i].format != NULL) {
            g_assert_nonnull(sniff.codec);
            g_assert_cmpstr(sniff.codec->info->name, ==, samples[i].format);
            continue;
        }
        g_assert_null(sniff.codec);
        g_assert_cmpstr(sniff.seems, ==, samples[i].seems);
        g_assert_cmpstr(dm_reason_name(sniff.reason), ==, dm_reason_name(samples[i].reason));
    }
}

static void test_refusal_names_formats(void) {
    struct dm_sniff sniff = {.reason = DM_REASON_UNSUPPORTED_FORMAT, .seems = "a PDF document"};
    g_autofree char *text = dm_sniff_refusal(&sniff);
    g_assert_cmpstr(text, ==,
                    "the file seems to be a PDF document; these formats work: "
                    "jpeg, png, webp, tiff, gif, heif, avif");
}

// A thumbnail with its own end inside APP1, then a progressive 4:2:0 frame of 3 x 5 pixels.
static const char jpeg[] =
    "\xFF\xD8\xFF\xE1\0\6\xFF\xD8\xFF\xD9"
    "\xFF\xC2\0\x11\10\0\5\0\3\3\1\x22\0\2\x11\1\3\x11\1"
    "\xFF\xDA\0\x0C\3\1\0\2\x11\3\x11\0\x3F\0\x12\xFF\0\x34\xFF\xD0\x56\xFF\xD9";

static void test_jpeg(void) {
    struct dm_header header;
    const uint8_t *data = (const uint8_t *)jpeg;
    size_t size = sizeof(jpeg) - 1;
    g_assert_true(dm_scan_jpeg(data, size, &header));
    g_assert_cmpint(header.width_px, ==, 3);
    g_assert_cmpint(header.height_px, ==, 5);
    g_assert_true(header.progressive && header.buffered);
    g_assert_cmpint(header.h_sampling, ==, 2);
    g_assert_cmpint(header.v_sampling, ==, 2);
    g_assert_false(dm_scan_jpeg(data, 20, &header));
}

static void test_small_headers(void) {
    static const char vp8x[] = "RIFF\x16\0\0\0WEBPVP8X\12\0\0\0\0\0\0\0\7\0\0\11\0\0";
    static const char gif[] =
        "GIF89a\4\0\3\0\x80\0\0\0\0\0\0\0\0,\0\0\0\0\4\0\3\0\0\2\2\x84\x51\0;";
    struct dm_header header;
    g_assert_true(dm_scan_webp((const uint8_t *)vp8x, sizeof(vp8x) - 1, &header));
    g_assert_cmpint(header.width_px, ==, 8);
    g_assert_cmpint(header.height_px, ==, 10);
    g_assert_true(dm_scan_gif((const uint8_t *)gif, sizeof(gif) - 1, &header));
    g_assert_cmpint(header.width_px, ==, 4);
}

/** No bytes whatever may make a scan read outside of them: run under the address sanitizer. */
static void test_any_bytes(void) {
    GRand *random = g_rand_new_with_seed(3);
    for (size_t round = 0; round < 20000; round++) {
        const struct sample *seed = &samples[round % G_N_ELEMENTS(samples)];
        size_t size = seed->size + (size_t)g_rand_int_range(random, 0, 60);
        uint8_t *data = g_malloc0(MAX(size, 1));
        if (seed->size > 0) {
            memcpy(data, seed->bytes, seed->size);
        }
        for (size_t i = 4; i < size; i++) {
            if (i >= seed->size || g_rand_int_range(random, 0, 8) == 0) {
                data[i] = (uint8_t)g_rand_int(random);
            }
        }
        struct dm_sniff sniff;
        dm_sniff(data, size, &sniff);
        if (sniff.codec != NULL) {
            dm_codec_is_whole(sniff.codec, data, size);
        }
        g_assert_true(sniff.codec != NULL || sniff.reason != DM_REASON_NONE);
        g_free(data);
    }
    g_rand_free(random);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sniff/formats", test_formats);
    g_test_add_func("/sniff/refusal-names-formats", test_refusal_names_formats);
    g_test_add_func("/sniff/jpeg", test_jpeg);
    g_test_add_func("/sniff/small-headers", test_small_headers);
    g_test_add_func("/sniff/any-bytes", test_any_bytes);
    return g_test_run();
}
