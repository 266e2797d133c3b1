// SPDX-License-Identifier: MIT
//
// The picture is worked on in tiles of columns: their samples are put into planes first, one a
// band, where the loops over a row are the same for all pixels and the compiler vectorises them.
// The Gaussian of a colour difference is computed, not looked up: a table would be read at
// another place for every pixel, which costs more than the handful of multiplications. Both sample
// types share all but the packing, which is in bilateral.inc.
#include "mpi_worker/kernels/bilateral.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TILE 256 // output columns worked on together
#define PLANES 4 // three colours and alpha

struct tile {
    uint16_t *planes;            // PLANES of them
    size_t plane_size, row_size; // samples
    int columns;                 // of the output
    float sums[PLANES][TILE];    // of colours; of weights in the last one
};

void dm_bilateral_init(struct dm_bilateral *bilateral, int size, double sigma_colour,
                       double sigma_space) {
    int radius = size / 2;
    int count = 0;
    for (int dy = -radius; dy <= radius; dy++) {
        for (int dx = -radius; dx <= radius; dx++) {
            int square = dx * dx + dy * dy;
            if (square <= radius * radius) {
                double weight = exp(-0.5 * square / (sigma_space * sigma_space));
                bilateral->taps[count++] = (struct dm_bilateral_tap){dx, dy, (float)weight};
            }
        }
    }
    bilateral->radius = radius;
    bilateral->tap_count = count;
    bilateral->falloff = (float)(-0.5 / (sigma_colour * sigma_colour) / M_LN2);
}

static size_t plane_samples(const struct dm_area *area) {
    return ((size_t)area->height + 2 * (size_t)area->radius) * (TILE + 2 * (size_t)area->radius);
}

size_t dm_bilateral_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return sizeof(struct tile) + PLANES * plane_samples(area) * sizeof(uint16_t);
}

/** 2^x for x up to 0, within 1e-4 of itself; 0 below -127. */
DM_INLINE float power_of_two(float x) {
    float shifted = x + 127;
    int32_t whole = (int32_t)shifted;
    float rest = shifted - (float)whole;
    float mantissa = 1 + rest * (0.69555686f + rest * (0.22617357f + rest * 0.07814557f));
    uint32_t bits = (uint32_t)(whole < 0 ? 0 : whole) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof(scale));
    return mantissa * scale;
}

DM_INLINE float difference(const uint16_t *a, const uint16_t *b) {
    return (float)abs(*a - *b);
}

/** Add one tap for the row whose pixels begin at @centre; @colour and @alpha are constants. */
DM_INLINE void add_tap(struct tile *tile, const uint16_t *centre, float falloff,
                       const struct dm_bilateral_tap *tap, bool colour, bool alpha) {
    const uint16_t *near = centre + (ptrdiff_t)tap->dy * (ptrdiff_t)tile->row_size + tap->dx;
    size_t one = tile->plane_size, two = 2 * one, last = 3 * one;
    float *sums = tile->sums[0];
    float tap_weight = tap->weight;
    int n = tile->columns;

    DM_INDEPENDENT
    for (int x = 0; x < n; x++) {
        float d = difference(near + x, centre + x);
        if (colour) {
            d += difference(near + one + x, centre + one + x);
            d += difference(near + two + x, centre + two + x);
        }
        float exponent = d * d * falloff;
        float weight = tap_weight * power_of_two(exponent);
        if (alpha) {
            weight *= (float)near[last + (size_t)x];
        }
        sums[x] += weight * (float)near[x];
        if (colour) {
            sums[TILE + x] += weight * (float)near[one + (size_t)x];
            sums[2 * TILE + x] += weight * (float)near[two + (size_t)x];
        }
        sums[3 * TILE + x] += weight;
    }
}

/** The sums of one output row of the tile. */
DM_INLINE void sum_row(struct tile *tile, const struct dm_bilateral *bilateral, int y, bool colour,
                       bool alpha) {
    const uint16_t *centre =
        tile->planes + (size_t)(y + bilateral->radius) * tile->row_size + (size_t)bilateral->radius;
    memset(tile->sums, 0, sizeof(tile->sums));
    for (int i = 0; i < bilateral->tap_count; i++) {
        add_tap(tile, centre, bilateral->falloff, &bilateral->taps[i], colour, alpha);
    }
}

// The number of bands as a constant lets the compiler unroll.
DM_CLONES static void sum_row_of(struct tile *tile, const struct dm_bilateral *bilateral, int y) {
    if (bilateral->colours == 1 && bilateral->alpha) {
        sum_row(tile, bilateral, y, false, true);
    } else if (bilateral->colours == 1) {
        sum_row(tile, bilateral, y, false, false);
    } else if (bilateral->alpha) {
        sum_row(tile, bilateral, y, true, true);
    } else {
        sum_row(tile, bilateral, y, true, false);
    }
}

#define PIXEL uint8_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/bilateral.inc"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/bilateral.inc"
