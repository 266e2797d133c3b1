// SPDX-License-Identifier: MIT
//
// Interpolation for both sample types; the loops over samples are in cube.inc. A colour lies in a
// tetrahedron of its cell: the near corner, the far corner, and two on the way along the axes, in
// the order of how far the colour lies along them. Finding it is the same for each pixel, without a
// branch, and so is vector code for a piece of a row; only reading the points is not.
#include "mpi_worker/kernels/cube.h"

#include "mpi_worker/kernels/area.h"

enum { PIECE_PX = 256 };

/** Where the four corners of each pixel lie in the cube, and their weights. */
struct corners {
    int32_t at[4][PIECE_PX];
    int32_t weight[4][PIECE_PX]; // which sum to DM_CUBE_STEP
};

enum { FIELD_BITS = 21, FIELD = (1 << FIELD_BITS) - 1, OFFSET = 65536, PART_BITS = 16 };

/** How far along an axis in the upper half, how far apart its neighbours are in the lower. */
DM_INLINE int32_t axis(int32_t v, int32_t stride) {
    return (v & (DM_CUBE_STEP - 1)) << PART_BITS | stride;
}

DM_INLINE int32_t stride_of(int32_t axis) {
    return axis & ((1 << PART_BITS) - 1);
}

DM_INLINE int32_t lesser(int32_t a, int32_t b) {
    return a < b ? a : b;
}

DM_INLINE int32_t greater(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/** Find the corners of pixel @x, whose colour is given in grid units. */
DM_INLINE void find_corners(struct corners *corners, int x, int32_t red, int32_t green,
                            int32_t blue) {
    int32_t r = axis(red, DM_CUBE_SIDE * DM_CUBE_SIDE);
    int32_t g = axis(green, DM_CUBE_SIDE);
    int32_t b = axis(blue, 1);
    int32_t first = greater(greater(r, g), b);
    int32_t last = lesser(lesser(r, g), b);
    int32_t between = greater(lesser(r, g), lesser(greater(r, g), b));

    int32_t near = dm_cube_index(red / DM_CUBE_STEP, green / DM_CUBE_STEP, blue / DM_CUBE_STEP);
    corners->at[0][x] = near;
    corners->at[1][x] = near + stride_of(first);
    corners->at[2][x] = near + stride_of(first) + stride_of(between);
    corners->at[3][x] = near + stride_of(first) + stride_of(between) + stride_of(last);
    corners->weight[0][x] = DM_CUBE_STEP - (first >> PART_BITS);
    corners->weight[1][x] = (first >> PART_BITS) - (between >> PART_BITS);
    corners->weight[2][x] = (between >> PART_BITS) - (last >> PART_BITS);
    corners->weight[3][x] = last >> PART_BITS;
}

/** A channel's field of @word. */
DM_INLINE int32_t field(uint64_t word, int channel) {
    return (int32_t)(word >> (2 - channel) * FIELD_BITS & FIELD);
}

/** @sum / 2^@bits, rounded and limited. */
DM_INLINE int32_t to_sample(int32_t sum, int bits, int32_t most) {
    return lesser(greater(sum + (1 << (bits - 1)), 0) >> bits, most);
}

/** A level of 8 bits is 256 grid units: weights are multiples of 256, and without that sum to 8. */
DM_INLINE void mix_u8(const struct corners *c, const uint64_t *points, int width, int bands,
                      uint8_t *out) {
    uint64_t sums[PIECE_PX];
    for (int x = 0; x < width; x++) {
        sums[x] = points[c->at[0][x]] * (uint32_t)(c->weight[0][x] / 256) +
                  points[c->at[1][x]] * (uint32_t)(c->weight[1][x] / 256) +
                  points[c->at[2][x]] * (uint32_t)(c->weight[2][x] / 256) +
                  points[c->at[3][x]] * (uint32_t)(c->weight[3][x] / 256);
    }
    const int32_t offset = OFFSET * (DM_CUBE_STEP / 256);
    for (int x = 0; x < width; x++) {
        out[bands * x] = (uint8_t)to_sample(field(sums[x], 0) - offset, 11, 255);
        out[bands * x + 1] = (uint8_t)to_sample(field(sums[x], 1) - offset, 11, 255);
        out[bands * x + 2] = (uint8_t)to_sample(field(sums[x], 2) - offset, 11, 255);
    }
}

DM_INLINE void mix_u16(const struct corners *c, const uint64_t *points, int width, int bands,
                       uint16_t *out) {
    for (int i = 0; i < 3 * width; i++) {
        int x = i / 3, channel = i % 3;
        int32_t sum = -OFFSET * DM_CUBE_STEP;
        for (int corner = 0; corner < 4; corner++) {
            sum += field(points[c->at[corner][x]], channel) * c->weight[corner][x];
        }
        out[bands * x + channel] = (uint16_t)to_sample(sum, 11, 65535);
    }
}

#define PIXEL uint8_t
#define SCALE 256
#define NAME(x) x##_u8
#include "mpi_worker/kernels/cube.inc"
#undef PIXEL
#undef SCALE
#undef NAME

#define PIXEL uint16_t
#define SCALE 1
#define NAME(x) x##_u16
#include "mpi_worker/kernels/cube.inc"
