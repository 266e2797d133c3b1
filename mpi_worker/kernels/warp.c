// SPDX-License-Identifier: MIT
//
// The arithmetic of coordinates; the pixels are in warp.inc. See warp.h.
#include "mpi_worker/kernels/warp.h"

#include "mpi_worker/kernels/area.h"

#include <math.h>
#include <string.h>

#define COLUMN_BITS 10
#define FRACTION_BITS 5
#define FRACTIONS (1 << FRACTION_BITS)

void dm_warp_rotation(double centre_x, double centre_y, double degrees, double ret_m[6]) {
    double radians = degrees * M_PI / 180;
    double a = cos(radians);
    double b = sin(radians);
    double m[6] = {a,  b, (1 - a) * centre_x - b * centre_y, //
                   -b, a, b * centre_x + (1 - a) * centre_y};
    memcpy(ret_m, m, sizeof(m));
}

void dm_warp_invert(double m[6]) {
    double determinant = m[0] * m[4] - m[1] * m[3];
    double inverse = determinant != 0 ? 1. / determinant : 0;
    double old_first = m[0];

    m[0] = m[4] * inverse;
    m[1] *= -inverse;
    m[3] *= -inverse;
    m[4] = old_first * inverse;
    double x = -m[0] * m[2] - m[1] * m[5];
    double y = -m[3] * m[2] - m[4] * m[5];
    m[2] = x;
    m[5] = y;
}

void dm_warp_columns(double by, int count, int *ret) {
    for (int x = 0; x < count; x++) {
        ret[x] = (int)lrint(by * x * (1 << COLUMN_BITS));
    }
}

/** The source coordinate at column 0 of output row @y, with the rounding to 1/32 px added. */
static int row_start(const double *m, int y) {
    int half = 1 << (COLUMN_BITS - FRACTION_BITS - 1);
    return (int)lrint((m[1] * y + m[2]) * (1 << COLUMN_BITS)) + half;
}

/** Four neighbours and their weights, whose sum is 2^10; (x, y) is the upper left one. */
struct quad {
    int x, y;
    uint32_t weight[4];
};

DM_INLINE struct quad quad_at(int x, int y) {
    uint32_t u = (uint32_t)(x >> (COLUMN_BITS - FRACTION_BITS)) & (FRACTIONS - 1);
    uint32_t v = (uint32_t)(y >> (COLUMN_BITS - FRACTION_BITS)) & (FRACTIONS - 1);
    uint32_t left = FRACTIONS - u;
    uint32_t up = FRACTIONS - v;
    return (struct quad){
        .x = x >> COLUMN_BITS,
        .y = y >> COLUMN_BITS,
        .weight = {left * up, u * up, left * v, u * v},
    };
}

/** An output row in the source: quads are at start + columns. */
struct track {
    const struct dm_warp *warp;
    int start_x, start_y;
};

/** Output columns [first, end). */
struct span {
    int first, end;
};

static struct quad quad_of(const struct track *track, int x) {
    return quad_at(track->start_x + track->warp->columns_x[x],
                   track->start_y + track->warp->columns_y[x]);
}

/** Whether the quad of column @x lies within the picture made @more pixels wider on all sides. */
static bool within(const struct track *track, int x, int more) {
    int at_x = (track->start_x + track->warp->columns_x[x]) >> COLUMN_BITS;
    int at_y = (track->start_y + track->warp->columns_y[x]) >> COLUMN_BITS;
    return at_x >= -more && at_x < track->warp->width - 1 + more && at_y >= -more &&
           at_y < track->warp->height - 1 + more;
}

/** The columns of @span within; coordinates are monotone along a row, so they have no gaps. */
static struct span narrow(const struct track *track, struct span span, int more) {
    while (span.first < span.end && !within(track, span.first, more)) {
        span.first++;
    }
    while (span.first < span.end && !within(track, span.end - 1, more)) {
        span.end--;
    }
    return span;
}

// RGB of 8 bits: both rows are weighed at once, then the left and the right pixel.

typedef uint8_t bytes __attribute__((vector_size(8)));
typedef uint8_t many_bytes __attribute__((vector_size(16)));
typedef uint16_t words __attribute__((vector_size(16)));
typedef uint16_t few_words __attribute__((vector_size(8)));
typedef uint32_t longs __attribute__((vector_size(16)));

/**
 * What mix_u8() does, for three bands; reads 8 bytes at @up and @down and writes 4 at @out, the
 * last of which mean nothing.
 */
DM_INLINE void mix_rgb(const uint8_t *up, const uint8_t *down, int x, int y, uint8_t *out) {
    uint32_t u = (uint32_t)(x >> (COLUMN_BITS - FRACTION_BITS)) & (FRACTIONS - 1);
    uint16_t v = (uint16_t)((y >> (COLUMN_BITS - FRACTION_BITS)) & (FRACTIONS - 1));
    bytes above, below;
    memcpy(&above, up, sizeof(above));
    memcpy(&below, down, sizeof(below));
    words both = __builtin_convertvector(above, words) * (uint16_t)(FRACTIONS - v) +
                 __builtin_convertvector(below, words) * v;
    few_words left = __builtin_shufflevector(both, both, 0, 1, 2, 3);
    few_words right = __builtin_shufflevector(both, both, 3, 4, 5, 6);
    longs sum = __builtin_convertvector(left, longs) * (FRACTIONS - u) +
                __builtin_convertvector(right, longs) * u + (1u << 9);
    many_bytes all = (many_bytes)(sum >> 10);
    many_bytes result =
        __builtin_shufflevector(all, all, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    memcpy(out, &result, 4);
}

/** Columns whose quads lie within the picture and are not its last: see mix_rgb(). */
DM_INLINE void inside_rgb(const struct track *track, struct span span, uint8_t *out) {
    // Own variables: the compiler cannot know that what is written is not these.
    const uint8_t *pixels = track->warp->pixels;
    const int *columns_x = track->warp->columns_x, *columns_y = track->warp->columns_y;
    ptrdiff_t stride = (ptrdiff_t)track->warp->stride;
    int start_x = track->start_x, start_y = track->start_y;
    uint8_t last[4] = {0};

    for (int i = span.first; i < span.end; i++, out += 3) {
        int x = start_x + columns_x[i];
        int y = start_y + columns_y[i];
        const uint8_t *up =
            pixels + (y >> COLUMN_BITS) * stride + (ptrdiff_t)(x >> COLUMN_BITS) * 3;
        mix_rgb(up, up + stride, x, y, i + 1 < span.end ? out : last);
    }
    if (span.first < span.end) {
        memcpy(out - 3, last, 3);
    }
}

#define PIXEL uint8_t
#define SUM uint32_t
#define MOST 255
#define INSIDE_RGB inside_rgb
#define NAME(x) x##_u8
#include "mpi_worker/kernels/warp.inc"
#undef PIXEL
#undef SUM
#undef MOST
#undef INSIDE_RGB
#undef NAME

#define PIXEL uint16_t
#define SUM uint64_t
#define MOST 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/warp.inc"
#undef PIXEL
#undef SUM
#undef MOST
#undef NAME
