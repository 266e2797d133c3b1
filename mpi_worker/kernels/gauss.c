// SPDX-License-Identifier: MIT
//
// The taps of the Gaussian kernel. Taps are rounded to 1/256 from the outside in, each passing its
// rounding error on to the next, and the centre takes what is left of 256: so says OpenCV's
// bit-exact path, and so flat areas stay exactly flat. The filters themselves are in gauss.inc.
//
// All sums are exact integers with one rounding at the end; hence vertical first or horizontal
// first is the same, and vertical first keeps nothing but one row between the two.
#include "mpi_worker/kernels/gauss.h"

#include <math.h>
#include <string.h>

#define CHUNK 256 // samples whose sums stay in the nearest cache

// Sizes up to 9 without a sigma have taps of their own in OpenCV, in 1/256.
static const uint16_t small_taps[][9] = {
    {256},
    {64, 128, 64},
    {16, 64, 96, 64, 16},
    {8, 28, 56, 72, 56, 28, 8},
    {4, 13, 30, 51, 60, 51, 30, 13, 4},
};

int dm_gauss_size(double sigma) {
    return (int)lrint(sigma * 3 * 2 + 1) | 1;
}

double dm_gauss_sigma(int size) {
    return ((size - 1) * 0.5 - 1) * 0.3 + 0.8;
}

void dm_gauss_init(struct dm_gauss *gauss, int size, double sigma) {
    int radius = size / 2;
    gauss->radius = radius;
    if (sigma <= 0 && size <= 9) {
        memcpy(gauss->taps, small_taps[radius], (size_t)size * sizeof *gauss->taps);
        return;
    }
    if (sigma <= 0) {
        sigma = dm_gauss_sigma(size);
    }

    double weights[DM_GAUSS_MAX_SIZE / 2 + 1];
    double sum = 0;
    for (int i = 0; i < radius; i++) {
        int twice = 2 * (i - radius);
        weights[i] = exp(twice * twice * (-0.125 / (sigma * sigma)));
        sum += weights[i];
    }
    double scale = 1. / (sum * 2 + 1);

    double error = 0;
    int rest = 256;
    for (int i = 0; i < radius; i++) {
        double wanted = weights[i] * scale * 256 + error;
        int tap = (int)lrint(wanted);
        error = wanted - tap;
        gauss->taps[i] = gauss->taps[size - 1 - i] = (uint16_t)tap;
        rest -= 2 * tap;
    }
    gauss->taps[radius] = (uint16_t)rest;
}

size_t dm_gauss_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return dm_area_row_samples(area) * sizeof(uint64_t);
}

#define PIXEL uint8_t
#define COLUMN uint16_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/gauss.inc"
#undef PIXEL
#undef COLUMN
#undef NAME

#define PIXEL uint16_t
#define COLUMN uint32_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/gauss.inc"
