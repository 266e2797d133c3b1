// SPDX-License-Identifier: MIT
//
// The header of a JPEG: its segments (common/jpeg_segment.h) up to the first scan.
#include "common/bytes.h"
#include "common/jpeg_segment.h"
#include "mpi_worker/codec/scan.h"

#include <stdlib.h>

enum { SOF0 = 0xC0, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, DQT = 0xDB, APP0 = 0xE0, APP15 = 0xEF };

static bool is_frame(uint8_t marker) {
    return marker >= SOF0 && marker <= 0xCF && marker != DHT && marker != JPG && marker != DAC;
}

/** Start of frame: precision, height, width, then a triple for each component. */
static bool read_frame(const struct dm_jpeg_segment *frame, struct dm_header *ret) {
    const uint8_t *p = frame->payload;
    if (frame->length < 6 || frame->length < 6 + 3U * p[5]) {
        return false;
    }
    ret->height_px = dm_be16(p + 1);
    ret->width_px = dm_be16(p + 3);
    ret->progressive = (frame->marker & 3) == 2;
    if (p[5] != 3) {
        return true;
    }
    int h0 = p[7] >> 4, v0 = p[7] & 15, h1 = p[10] >> 4, v1 = p[10] & 15;
    bool plain = h1 > 0 && v1 > 0 && h0 % h1 == 0 && v0 % v1 == 0 && p[13] == p[10];
    ret->h_sampling = plain ? h0 / h1 : 1;
    ret->v_sampling = plain ? v0 / v1 : 1;
    return true;
}

// ---- quality

/** T.81's example table for luma (K.1), which libjpeg scales by the quality; in zigzag order. */
static const uint8_t luma[64] = {16,  11, 12, 14,  12,  10,  16,  14,  13, 14,  18,  17,  16,
                                 19,  24, 40, 26,  24,  22,  22,  24,  49, 35,  37,  29,  40,
                                 58,  51, 61, 60,  57,  51,  56,  55,  64, 72,  92,  78,  64,
                                 68,  87, 69, 55,  56,  80,  109, 81,  87, 95,  98,  103, 104,
                                 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

/** Sum of the differences between @table and what libjpeg makes of luma[] at @quality. */
static int distance(const int *table, int quality) {
    int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    int sum = 0;
    for (int i = 0; i < 64; i++) {
        int step = (luma[i] * percent + 50) / 100;
        step = step < 1 ? 1 : step > 255 ? 255 : step;
        sum += abs(step - table[i]);
    }
    return sum;
}

/** The quality whose table is nearest; of several, the highest. */
static int nearest_quality(const int *table) {
    int best = 100;
    for (int quality = 99; quality >= 1; quality--) {
        if (distance(table, quality) < distance(table, best)) {
            best = quality;
        }
    }
    return best;
}

/** Of a DQT segment's tables, number 0 is luma's. */
static void read_tables(const struct dm_jpeg_segment *segment, struct dm_header *ret) {
    size_t at = 0;
    while (at < segment->length) {
        size_t bytes = segment->payload[at] >> 4 ? 2 : 1;
        bool is_luma = (segment->payload[at] & 15) == 0;
        const uint8_t *steps = segment->payload + at + 1;
        int table[64];
        at += 1 + 64 * bytes;
        if (at > segment->length) {
            return;
        }
        for (size_t i = 0; i < 64; i++) {
            table[i] = bytes == 2 ? (int)dm_be16(steps + 2 * i) : steps[i];
        }
        if (is_luma) {
            ret->quality = nearest_quality(table);
        }
    }
}

bool dm_scan_jpeg(const uint8_t *data, size_t size, struct dm_header *ret) {
    *ret = (struct dm_header){0};
    struct dm_source source = dm_source_memory(data, size);
    struct dm_jpeg_segment segment = {.next = 2};
    unsigned components = 0;
    while (dm_jpeg_segment_next(&source, segment.next, &segment)) {
        if (is_frame(segment.marker)) {
            if (!read_frame(&segment, ret)) {
                return false;
            }
            components = segment.payload[5];
        }
        ret->blocks += segment.marker >= APP0 && segment.marker <= APP15;
        if (segment.marker == DQT) {
            read_tables(&segment, ret);
        }
        if (segment.marker == DM_JPEG_SOS) {
            bool part = segment.length > 0 && segment.payload[0] < components;
            ret->buffered = ret->progressive || part;
            break;
        }
        if (segment.marker == DM_JPEG_EOI) {
            break;
        }
    }
    return ret->width_px > 0;
}
