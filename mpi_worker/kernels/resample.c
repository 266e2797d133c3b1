// SPDX-License-Identifier: MIT
//
// The weights of resample.h, and the kernel for 8 bits; the ones in double are in resample.inc.
//
// Vertical first, always: the input is the ring of rows as they came, and what lies between the two
// directions is one row in the nearest cache. When reducing this is also the cheaper order (the
// vertical sum, which the compiler vectorises best, gets the larger share); when enlarging, the
// other order would save a fourth of the horizontal sums and cost a ring of wider rows.
//
// The horizontal sum of interleaved RGB cannot be vectorised well, but that of a plane is a scalar
// product of 16-bit numbers, for which there is an instruction: hence planes.
#include "mpi_worker/kernels/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOBES 3
#define PAD 8       // taps go in eights
#define MAX_BITS 16 // of weights: with FRACTION, what the horizontal sum in 32 bits has room for
#define FRACTION 5  // bits after the point between the two directions
#define CHUNK 256   // samples whose vertical sums stay in the nearest cache
#define HALF(bits) (1 << ((bits)-1))

// ---- weights

static double sinc(double t) {
    double angle = 3.14159265358979323846 * t;
    return fabs(t) < 1e-9 ? 1 : sin(angle) / angle;
}

static double lanczos(double t) {
    return fabs(t) < LOBES ? sinc(t) * sinc(t / LOBES) : 0;
}

/** By how much the window is stretched. */
static double stretch(const struct dm_resample_axis *axis) {
    return axis->from > axis->to ? (double)axis->from / axis->to : 1;
}

/** Whether output sample @i lies in the middle, so that its weights are symmetric. */
static bool is_middle(const struct dm_resample_axis *axis, int i) {
    return 2 * i + 1 == axis->to;
}

/** The exact weights of output sample @i. */
static void weigh(struct dm_resample_axis *axis, int i) {
    double *weights = axis->exact + (size_t)i * (size_t)axis->taps;
    double centre = (2. * i + 1) * axis->from / (2. * axis->to);
    double reach = LOBES * stretch(axis);
    int first = (int)fmax(floor(centre - reach - 0.5) + 1, 0);
    int last = (int)fmin(ceil(centre + reach - 0.5), axis->from) - 1;
    if (is_middle(axis, i)) {
        last = axis->from - 1 - first;
    }
    int count = last - first + 1 < axis->taps ? last - first + 1 : axis->taps;

    double sum = 0;
    for (int k = 0; k < count; k++) {
        weights[k] = lanczos((first + k + 0.5 - centre) / stretch(axis));
        sum += weights[k];
    }
    for (int k = 0; k < count; k++) {
        weights[k] /= sum;
    }
    axis->spans[i] = (struct dm_resample_span){first, count};
}

/** The largest number of bits, up to MAX_BITS, with which all weights are 16-bit numbers. */
static int bits_of(const struct dm_resample_axis *axis) {
    double largest = 0;
    for (size_t i = 0; i < (size_t)axis->to * (size_t)axis->taps; i++) {
        largest = fmax(largest, fabs(axis->exact[i]));
    }
    int bits = MAX_BITS;
    while (largest * (1 << bits) > INT16_MAX - 1000) { // the rest of the sum is added to it
        bits--;
    }
    return bits;
}

/** Round the weights of output sample @i; the largest takes what is left of the sum. */
static void round_weights(struct dm_resample_axis *axis, int i) {
    const double *exact = axis->exact + (size_t)i * (size_t)axis->taps;
    int16_t *weights = axis->weights + (size_t)i * (size_t)axis->taps;
    int count = axis->spans[i].count;
    int rest = 1 << axis->bits;
    int peak = 0;
    for (int k = 0; k < count; k++) {
        weights[k] = (int16_t)lrint(exact[k] * (1 << axis->bits));
        rest -= weights[k];
        peak = exact[k] > exact[peak] ? k : peak;
    }
    // In the middle of the row there may be two that are largest, on both sides of it.
    int other = is_middle(axis, i) ? count - 1 - peak : peak;
    weights[peak] = (int16_t)(weights[peak] + rest / 2);
    weights[other] = (int16_t)(weights[other] + rest - rest / 2);
}

/** The weights of output sample @i are those of its mirror image. */
static void mirror(struct dm_resample_axis *axis, int i) {
    size_t taps = (size_t)axis->taps;
    size_t to = (size_t)i * taps;
    size_t from = (size_t)(axis->to - 1 - i) * taps;
    struct dm_resample_span span = axis->spans[axis->to - 1 - i];

    axis->spans[i] = (struct dm_resample_span){axis->from - span.first - span.count, span.count};
    for (size_t k = 0; k < (size_t)span.count; k++) {
        axis->exact[to + k] = axis->exact[from + (size_t)span.count - 1 - k];
        axis->weights[to + k] = axis->weights[from + (size_t)span.count - 1 - k];
    }
}

bool dm_resample_axis_init(struct dm_resample_axis *axis, int from, int to) {
    *axis = (struct dm_resample_axis){.from = from, .to = to};
    int taps = (int)fmin(ceil(2 * LOBES * stretch(axis)), from);
    axis->taps = (taps + PAD - 1) / PAD * PAD;
    size_t count = (size_t)axis->taps * (size_t)to;
    axis->spans = calloc((size_t)to, sizeof *axis->spans);
    axis->exact = calloc(count, sizeof *axis->exact);
    axis->weights = calloc(count, sizeof *axis->weights);
    if (axis->spans == NULL || axis->exact == NULL || axis->weights == NULL) {
        return false;
    }
    int half = (to + 1) / 2;
    for (int i = 0; i < half; i++) {
        weigh(axis, i);
    }
    axis->bits = bits_of(axis);
    for (int i = 0; i < half; i++) {
        round_weights(axis, i);
    }
    for (int i = half; i < to; i++) {
        mirror(axis, i);
    }
    return true;
}

void dm_resample_axis_clear(struct dm_resample_axis *axis) {
    free(axis->spans);
    free(axis->exact);
    free(axis->weights);
    *axis = (struct dm_resample_axis){0};
}

// ---- what all kernels share

size_t dm_resample_column_size(const struct dm_resample_axis *across, int bands) {
    return ((size_t)across->from * (size_t)bands + (size_t)across->taps) * sizeof(double);
}

/** The part of an input row that the output needs. */
struct reach {
    size_t first, count;
};

static struct reach reach_of(const struct dm_resample_row *row) {
    const struct dm_resample_span *spans = row->across->spans + row->left;
    struct dm_resample_span last = spans[row->width - 1];
    return (struct reach){(size_t)spans->first, (size_t)(last.first + last.count - spans->first)};
}

// ---- 8 bits

/** sums += 4 (or 2) rows by their weights. */
DM_INLINE void add_rows(int32_t *sums, const void *const *rows, const int16_t *weights, size_t at,
                        size_t n, bool four) {
    const uint8_t *a = (const uint8_t *)rows[0] + at, *b = (const uint8_t *)rows[1] + at;
    const uint8_t *c = four ? (const uint8_t *)rows[2] + at : a;
    const uint8_t *d = four ? (const uint8_t *)rows[3] + at : b;
    int32_t wa = weights[0], wb = weights[1];
    int32_t wc = four ? weights[2] : 0, wd = four ? weights[3] : 0;

    DM_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        int32_t sum = sums[i] + wa * a[i] + wb * b[i];
        sums[i] = four ? sum + wc * c[i] + wd * d[i] : sum;
    }
}

/** column[0..n) = the vertical sums from sample @at of the rows on. */
DM_INLINE void down(const struct dm_resample_row *row, size_t at, size_t n, int16_t *column) {
    const struct dm_resample_axis *axis = row->down;
    const int16_t *weights = axis->weights + (size_t)row->y * (size_t)axis->taps;
    int count = axis->spans[row->y].count;
    int shift = axis->bits - FRACTION;
    int32_t sums[CHUNK];

    for (size_t i = 0; i < n; i++) {
        sums[i] = HALF(shift);
    }
    int k = 0;
    for (; k + 2 < count; k += 4) {
        add_rows(sums, row->rows + k, weights + k, at, n, true);
    }
    if (k < count) {
        add_rows(sums, row->rows + k, weights + k, at, n, false);
    }
    for (size_t i = 0; i < n; i++) {
        column[i] = (int16_t)(sums[i] >> shift);
    }
}

/** One plane of the output; its samples lie @step apart. @taps is a constant, or 0. */
DM_INLINE void across(const struct dm_resample_row *row, const int16_t *column, uint8_t *out,
                      size_t step, int constant) {
    const struct dm_resample_axis *axis = row->across;
    const struct dm_resample_span *spans = axis->spans + row->left;
    int taps = constant ? constant : axis->taps;
    const int16_t *weights = axis->weights + (size_t)row->left * (size_t)taps;
    int shift = axis->bits + FRACTION;

    for (size_t x = 0; x < (size_t)row->width; x++) {
        const int16_t *from = column + spans[x].first;
        int32_t sum = 0;
        for (int k = 0; k < taps; k++) {
            sum += weights[k] * from[k];
        }
        weights += taps;
        sum = (sum + HALF(shift)) >> shift;
        sum = sum < 0 ? 0 : sum;
        out[x * step] = (uint8_t)(sum > UINT8_MAX ? UINT8_MAX : sum);
    }
}

DM_CLONES void dm_resample_u8(const struct dm_resample_row *row) {
    struct reach reach = reach_of(row);
    size_t step = (size_t)row->bands;

    for (size_t band = 0; band < step; band++) {
        size_t plane = band * (size_t)row->across->from;
        int16_t *column = (int16_t *)row->column + plane;
        uint8_t *out = (uint8_t *)row->out + band;
        for (size_t i = 0; i < reach.count; i += CHUNK) {
            size_t n = reach.count - i < CHUNK ? reach.count - i : CHUNK;
            down(row, plane + reach.first + i, n, column + reach.first + i);
        }
        switch (row->across->taps) {
        case 8:
            across(row, column, out, step, 8);
            break;
        case 16:
            across(row, column, out, step, 16);
            break;
        default:
            across(row, column, out, step, 0);
        }
    }
}

#define PIXEL uint8_t
#define PIXEL_MAX UINT8_MAX
#define NAME(x) x##_u8
#include "mpi_worker/kernels/resample.inc"
#undef PIXEL
#undef PIXEL_MAX
#undef NAME

#define PIXEL uint16_t
#define PIXEL_MAX UINT16_MAX
#define NAME(x) x##_u16
#define PLAIN
#include "mpi_worker/kernels/resample.inc"
