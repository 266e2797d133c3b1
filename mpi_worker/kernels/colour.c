// SPDX-License-Identifier: MIT
//
// Matrices and ramps for both sample types; the loops are in colour.inc. Sums of 16-bit samples
// need 64 bits.
#include "mpi_worker/kernels/colour.h"

#include "mpi_worker/kernels/area.h"

#include <math.h>

enum { BITS = 14, PIECE_PX = 256 }; // a piece of a row fits the first cache

struct dm_matrix dm_matrix_of(const double weights[3][3], double share) {
    struct dm_matrix matrix;
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
            double own = row == column ? 1 - share : 0;
            double weight = weights[row][column] * share + own;
            matrix.weights[row][column] = (int32_t)lrint(weight * (1 << BITS));
        }
    }
    return matrix;
}

#define PIXEL uint8_t
#define SUM int32_t
#define MOST 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/colour.inc"
#undef PIXEL
#undef SUM
#undef MOST
#undef NAME

#define PIXEL uint16_t
#define SUM int64_t
#define MOST 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/colour.inc"
