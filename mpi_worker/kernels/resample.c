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
#define FEW 32      // taps that may round each product: their errors stay below 1/4 level
#define MAX_BITS 16 // of weights: with FRACTION, what the horizontal sum in 32 bits has room for
#define FRACTION 6  // bits after the point between the two directions
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
    while (largest * (1 << bits) > INT16_MAX - 2) { // it takes the rest of the sum
        bits--;
    }
    return bits;
}

/** Round a weight; the error is carried on to the next one. */
static int32_t rounded(double wanted, double *carry) {
    double rest = wanted + *carry;
    int32_t weight = (int32_t)lrint(rest);
    *carry = rest - weight;
    return weight;
}

/** Round the weights of output sample @i from the outside in; the largest takes what is left. */
static void round_weights(struct dm_resample_axis *axis, int i) {
    const double *exact = axis->exact + (size_t)i * (size_t)axis->taps;
    int32_t *weights = axis->weights + (size_t)i * (size_t)axis->taps;
    int count = axis->spans[i].count;
    int peak = 0;
    for (int k = 0; k < count; k++) {
        peak = exact[k] > exact[peak] ? k : peak;
    }
    // In the middle of the row there may be two that are largest, one on either side.
    int other = is_middle(axis, i) ? count - 1 - peak : peak;

    int32_t one = 1 << axis->bits;
    int32_t rest = one;
    double before = 0, behind = 0;
    for (int k = 0; k < peak; k++) {
        rest -= weights[k] = rounded(exact[k] * one, &before);
    }
    for (int k = count - 1; k > other; k--) {
        rest -= weights[k] = rounded(exact[k] * one, &behind);
    }
    weights[peak] += rest / 2;
    weights[other] += rest - rest / 2;
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
    axis->spans = calloc((size_t)to, sizeof(*axis->spans));
    axis->exact = calloc(count, sizeof(*axis->exact));
    axis->weights = calloc(count, sizeof(*axis->weights));
    axis->narrow = calloc(count, sizeof(*axis->narrow));
    if (!axis->spans || !axis->exact || !axis->weights || !axis->narrow) {
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
    for (size_t i = 0; i < count; i++) {
        axis->narrow[i] = (int16_t)axis->weights[i];
    }
    return true;
}

void dm_resample_axis_clear(struct dm_resample_axis *axis) {
    free(axis->spans);
    free(axis->exact);
    free(axis->weights);
    free(axis->narrow);
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

/** What output row y is the sum of. */
struct stack {
    const void *const *rows;
    const int32_t *weights;
    int count, bits;
    int32_t *sums; // scratch; were it a local array, gcc 12 would interchange the loops over it
};

static struct stack stack_of(const struct dm_resample_row *row) {
    const struct dm_resample_axis *axis = row->down;
    const struct dm_resample_axis *wide = row->across;
    // The column has room for doubles, of which 16-bit numbers take the first quarter.
    size_t half = (size_t)wide->from * (size_t)row->bands + (size_t)wide->taps;
    return (struct stack){
        .rows = row->rows,
        .weights = axis->weights + (size_t)row->y * (size_t)axis->taps,
        .count = axis->spans[row->y].count,
        .bits = axis->bits,
        .sums = (int32_t *)row->column + half,
    };
}

/** sums += 4 rows from sample @at on. */
DM_INLINE void add_many(const void *const *rows, const int32_t *weights, size_t at, size_t n,
                        int32_t *sums) {
    const uint8_t *a = (const uint8_t *)rows[0] + at, *b = (const uint8_t *)rows[1] + at;
    const uint8_t *c = (const uint8_t *)rows[2] + at, *d = (const uint8_t *)rows[3] + at;
    int32_t wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];

    DM_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        sums[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
    }
}

/** column[0..n) = the vertical sums from sample @at of the rows on, rounded once. */
DM_INLINE void down_many(const struct stack *stack, size_t at, size_t n, int16_t *column) {
    int shift = stack->bits - FRACTION;
    int32_t *sums = stack->sums;

    for (size_t i = 0; i < n; i++) {
        sums[i] = HALF(shift);
    }
    for (int k = 0; k < stack->count; k += 4) {
        add_many(stack->rows + k, stack->weights + k, at, n, sums);
    }
    for (size_t i = 0; i < n; i++) {
        column[i] = (int16_t)(sums[i] >> shift);
    }
}

/** The rounded high half of the product of @v, moved up by the factor @up, with @weight. */
DM_INLINE int16_t high_product(uint8_t v, int16_t up, int16_t weight) {
    int16_t a = (int16_t)(v * up);
    return (int16_t)((((int32_t)a * weight >> 14) + 1) >> 1);
}

/** sums += 4 rows from sample @at on. */
DM_INLINE void add_few(const void *const *rows, const int32_t *weights, int16_t up, size_t at,
                       size_t n, int16_t *sums) {
    const uint8_t *a = (const uint8_t *)rows[0] + at, *b = (const uint8_t *)rows[1] + at;
    const uint8_t *c = (const uint8_t *)rows[2] + at, *d = (const uint8_t *)rows[3] + at;
    int16_t wa = (int16_t)weights[0], wb = (int16_t)weights[1];
    int16_t wc = (int16_t)weights[2], wd = (int16_t)weights[3];

    DM_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        int16_t sum = (int16_t)(sums[i] + high_product(a[i], up, wa));
        sum = (int16_t)(sum + high_product(b[i], up, wb));
        sum = (int16_t)(sum + high_product(c[i], up, wc));
        sums[i] = (int16_t)(sum + high_product(d[i], up, wd));
    }
}

/** As down_many(), with each product rounded to FRACTION bits: there is an instruction for it. */
DM_INLINE void down_few(const struct stack *stack, size_t at, size_t n, int16_t *column) {
    int16_t up = (int16_t)(1 << (15 + FRACTION - stack->bits));
    memset(column, 0, n * sizeof(*column));
    for (int k = 0; k < stack->count; k += 4) {
        add_few(stack->rows + k, stack->weights + k, up, at, n, column);
    }
}

/** Round and clamp @n horizontal sums into samples that lie @step apart. */
DM_INLINE void store(const int32_t *sums, size_t n, int shift, uint8_t *out, size_t step) {
    uint8_t line[CHUNK];
    for (size_t x = 0; x < n; x++) {
        int32_t v = (sums[x] + HALF(shift)) >> shift;
        v = v < 0 ? 0 : v;
        line[x] = (uint8_t)(v > UINT8_MAX ? UINT8_MAX : v);
    }
    for (size_t x = 0; x < n; x++) {
        out[x * step] = line[x];
    }
}

/** sums[0..n) = the horizontal sums for output column @left on; @taps are the axis' own. */
DM_INLINE void sum_across(const struct dm_resample_axis *axis, const int16_t *column, size_t left,
                          size_t n, int taps, int32_t *sums) {
    const struct dm_resample_span *spans = axis->spans + left;
    const int16_t *weights = axis->narrow + left * (size_t)taps;

    for (size_t x = 0; x < n; x++) {
        const int16_t *from = column + spans[x].first;
        int32_t sum = 0;
#pragma GCC unroll 1 // else it is unrolled before it is vectorised
        for (int k = 0; k < taps; k++) {
            sum += weights[k] * from[k];
        }
        weights += taps;
        sums[x] = sum;
    }
}

/** One plane of the row, the vertical sums being there. */
DM_INLINE void across(const struct dm_resample_row *row, const int16_t *column, uint8_t *out,
                      int taps) {
    size_t step = (size_t)row->bands;
    size_t width = (size_t)row->width;
    int32_t sums[CHUNK];

    for (size_t x = 0; x < width; x += CHUNK) {
        size_t n = width - x < CHUNK ? width - x : CHUNK;
        sum_across(row->across, column, (size_t)row->left + x, n, taps, sums);
        store(sums, n, row->across->bits + FRACTION, out + x * step, step);
    }
}

DM_CLONES void dm_resample_u8(const struct dm_resample_row *row) {
    struct reach reach = reach_of(row);
    struct stack stack = stack_of(row);

    for (size_t band = 0; band < (size_t)row->bands; band++) {
        size_t plane = band * (size_t)row->across->from;
        int16_t *column = (int16_t *)row->column + plane;
        uint8_t *out = (uint8_t *)row->out + band;
        for (size_t i = reach.first; i < reach.first + reach.count; i += CHUNK) {
            size_t left = reach.first + reach.count - i;
            size_t n = left < CHUNK ? left : CHUNK;
            if (stack.count <= FEW) {
                down_few(&stack, plane + i, n, column + i);
            } else {
                down_many(&stack, plane + i, n, column + i);
            }
        }
        switch (row->across->taps) {
        case 8:
            across(row, column, out, 8);
            break;
        case 16:
            across(row, column, out, 16);
            break;
        default:
            across(row, column, out, row->across->taps);
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
