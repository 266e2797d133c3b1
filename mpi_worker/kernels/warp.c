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
    memcpy(ret_m, m, sizeof m);
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

/** Four neighbours and their weights, whose sum is 2^15; (x, y) is the upper left one. */
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
        .weight = {left * up * 32, u * up * 32, left * v * 32, u * v * 32},
    };
}

#define PIXEL uint8_t
#define SUM uint32_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/warp.inc"
#undef PIXEL
#undef SUM
#undef NAME

#define PIXEL uint16_t
#define SUM uint64_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/warp.inc"
