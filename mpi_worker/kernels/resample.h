// SPDX-License-Identifier: MIT
//
// Enlarging and reducing by Lanczos3 (a = 3), one output row at a time. Output sample i of n lies
// at (i + 1/2) * from / n of the input, whose samples lie at k + 1/2; its value is the sum of the
// samples within 3 of it, or 3 * from / n when reducing (so it is antialiased), each by
//
//     sinc(d) * sinc(d / 3),   sinc(t) = sin(pi t) / (pi t),   d = distance, or that * n / from
//
// over the sum of these weights, which near a border are those of the samples that there are. The
// two directions are one after the other; rounding is half up, then clamped. 8-bit samples are
// reckoned in fixed point, within 1 level of the exact sum; all others in double.
//
// Pixels with alpha count by their alpha. Where all alpha is full, use the plain kernels with alpha
// as one more band: so opaque pictures get the colours that they would get without alpha.
//
// Rows come in planes (all red samples, then all green ones, ...), as dm_resample_split_*() makes
// them. The libvips side: ops/resample.h.
#ifndef DM_MPI_WORKER_KERNELS_RESAMPLE_H
#define DM_MPI_WORKER_KERNELS_RESAMPLE_H

#include "mpi_worker/kernels/area.h"

#include <stdbool.h>
#include <stdint.h>

/** Of one output sample: how many input samples it is the sum of, and the first one. */
struct dm_resample_span {
    int first, count;
};

/** One direction. Sample i has its weights at [i * taps] on, followed by zeros. */
struct dm_resample_axis {
    int from, to; // samples, 1 or more
    int taps;     // room for weights, a multiple of 8
    struct dm_resample_span *spans;
    double *exact;    // with the sum 1
    int32_t *weights; // with the sum 1 << bits, exactly
    int16_t *narrow;  // the same
    int bits;
};

/** Part of an output row. */
struct dm_resample_row {
    const struct dm_resample_axis *across, *down;
    const void *const *rows; // down->taps planar input rows, of which row y needs the first
    int y, left, width;      // of the output
    int bands;
    void *column; // scratch, at first zero: keeps nothing else than numbers between calls
    void *out;    // interleaved pixels
};

typedef void dm_resample_kernel(const struct dm_resample_row *row);

/** Compute the weights. False: no memory. Clear in any case; clearing accepts a zeroed one. */
bool dm_resample_axis_init(struct dm_resample_axis *axis, int from, int to);
void dm_resample_axis_clear(struct dm_resample_axis *axis);

/** Bytes of dm_resample_row.column. */
size_t dm_resample_column_size(const struct dm_resample_axis *across, int bands);

dm_resample_kernel dm_resample_u8, dm_resample_u16;
dm_resample_kernel dm_resample_alpha_u8, dm_resample_alpha_u16; // the last band is alpha

/** Interleaved to planar; 1 to 4 bands. */
void dm_resample_split_u8(const uint8_t *from, int width, int bands, uint8_t *to);
void dm_resample_split_u16(const uint16_t *from, int width, int bands, uint16_t *to);

#endif
