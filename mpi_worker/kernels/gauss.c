// SPDX-License-Identifier: MIT
//
// The taps of the Gaussian kernel. Taps are rounded from the outside in, each passing its rounding
// error on to the next, and the centre takes what is left of the sum: so says OpenCV's bit-exact
// path, and so flat areas stay exactly flat. The filters themselves are in gauss.inc.
//
// All sums are exact integers with one rounding at the end; hence vertical first or horizontal
// first is the same, and vertical first keeps nothing but one row between the two.
#include "mpi_worker/kernels/gauss.h"

#include <math.h>
#include <string.h>

#define CHUNK 256 // samples whose sums stay in the nearest cache

// Sizes up to 9 without a sigma have taps of their own in OpenCV, in 1/256.
static const uint8_t small_taps[][9] = {
    {0}, // 256
    {64, 128, 64},
    {16, 64, 96, 64, 16},
    {8, 28, 56, 72, 56, 28, 8},
    {4, 13, 30, 51, 60, 51, 30, 13, 4},
};

int dm_gauss_size(double sigma, bool wide) {
    return (int)lrint(sigma * (wide ? 4 : 3) * 2 + 1) | 1;
}

double dm_gauss_sigma(int size) {
    return ((size - 1) * 0.5 - 1) * 0.3 + 0.8;
}

static void init_small(struct dm_gauss *gauss, int size, uint32_t one) {
    for (int i = 0; i < size; i++) {
        gauss->taps[i] = size == 1 ? one : small_taps[size / 2][i] * (one / 256);
    }
}

/** Round the taps of @sigma to the sum @one. */
static void init_rounded(struct dm_gauss *gauss, int size, double sigma, int one) {
    int radius = size / 2;
    double weights[DM_GAUSS_MAX_SIZE / 2 + 1];
    double sum = 0;
    for (int i = 0; i < radius; i++) {
        int twice = 2 * (i - radius);
        weights[i] = exp(twice * twice * (-0.125 / (sigma * sigma)));
        sum += weights[i];
    }
    double scale = 1. / (sum * 2 + 1);

    double error = 0;
    int rest = one;
    for (int i = 0; i < radius; i++) {
        double wanted = weights[i] * scale * one + error;
        int tap = (int)lrint(wanted);
        error = wanted - tap;
        gauss->taps[i] = gauss->taps[size - 1 - i] = (uint32_t)tap;
        rest -= 2 * tap;
    }
    gauss->taps[radius] = (uint32_t)rest;
}

void dm_gauss_init(struct dm_gauss *gauss, int size, double sigma, bool wide) {
    int one = wide ? 1 << 16 : 1 << 8;
    gauss->radius = size / 2;
    gauss->pair_count = 0;
    if (sigma <= 0 && size <= 9) {
        init_small(gauss, size, (uint32_t)one);
    } else {
        init_rounded(gauss, size, sigma > 0 ? sigma : dm_gauss_sigma(size), one);
    }
    for (int i = 0; i < gauss->radius; i++) {
        if (gauss->taps[i] != 0) {
            gauss->pairs[gauss->pair_count++] = (uint16_t)i;
        }
    }
}

size_t dm_gauss_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return dm_area_row_samples(area) * sizeof(uint64_t);
}

/** Samples that are worked on together: @n of them from @first on, pixels being @step apart. */
struct stretch {
    size_t first, n, step;
};

/** The stretch from @first on, of at most CHUNK samples and no further than @end. */
DM_INLINE struct stretch stretch_at(size_t first, size_t end, size_t step) {
    return (struct stretch){first, end - first < CHUNK ? end - first : CHUNK, step};
}

#define PIXEL uint8_t
#define BITS 8
#define COLUMN uint16_t
#define SUM uint32_t
#define NAME(x) x##_u8
#include "mpi_worker/kernels/gauss.inc"
#undef PIXEL
#undef BITS
#undef COLUMN
#undef SUM
#undef NAME

#define PIXEL uint16_t
#define BITS 16
#define COLUMN uint32_t
#define SUM uint64_t
#define NAME(x) x##_u16
#include "mpi_worker/kernels/gauss.inc"

dm_area_kernel *dm_gauss_kernel(bool wide, bool alpha) {
    if (alpha) {
        return wide ? dm_gauss_alpha_u16 : dm_gauss_alpha_u8;
    }
    return wide ? dm_gauss_u16 : dm_gauss_u8;
}
