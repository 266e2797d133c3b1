// SPDX-License-Identifier: MIT
//
// What a file's own bytes say before any decoder touches them: size and kind of coding. (Whether
// the end is there: common/ending.h.) Pure functions on a buffer, safe on any bytes. Who calls
// which: the table in format.c.
#ifndef DM_MPI_WORKER_CODEC_SCAN_H
#define DM_MPI_WORKER_CODEC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the header says. 0 or false: it does not say, or the format has no such thing. */
struct dm_header {
    int64_t width_px;
    int64_t height_px;
    // GIF, WebP, PNG, TIFF, AVIF: pictures in it.
    int64_t pages;
    // JPEG: blocks of metadata; libjpeg walks all of them for each.
    int64_t blocks;
    // JPEG: progressive.
    bool progressive;
    // JPEG: several scans, so that the decoder holds the whole picture.
    bool buffered;
    // JPEG: luma samples for one chroma sample, across and down: 2x2 is "4:2:0".
    int h_sampling;
    int v_sampling;
    // JPEG: at which libjpeg's own luma table comes nearest to the one here.
    int quality;
    // PNG: indexed colour.
    bool palette;
    // PNG: of one sample.
    int depth_bits;
    // WebP: VP8L.
    bool lossless;
    // TIFF: further pages are announced that are not there.
    bool cut_short;
    // TIFF: a camera's raw file, whose first picture is only a preview.
    bool camera_raw;
};

/**
 * Read the header of @size bytes into @ret (zeroed first). False: it is not one, or ends too early.
 */
bool dm_scan_jpeg(const uint8_t *data, size_t size, struct dm_header *ret);
bool dm_scan_png(const uint8_t *data, size_t size, struct dm_header *ret);
bool dm_scan_gif(const uint8_t *data, size_t size, struct dm_header *ret);
bool dm_scan_webp(const uint8_t *data, size_t size, struct dm_header *ret);
bool dm_scan_tiff(const uint8_t *data, size_t size, struct dm_header *ret);
bool dm_scan_heif(const uint8_t *data, size_t size, struct dm_header *ret);

#endif
