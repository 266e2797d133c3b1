// SPDX-License-Identifier: MIT
//
// The 3x3 filters for both sample types; the loop is in filter3.inc. Weights reach it as constants,
// so that the compiler leaves out zeros and need not multiply by one.
#include "mpi_worker/kernels/filter3.h"

#include <stdbool.h>
#include <stdint.h>

struct filter {
    int weights[9];
    int delta; // of 8-bit samples
    bool absolute;
};

static const struct filter soft = {.weights = {0, -1, 0, -1, 5, -1, 0, -1, 0}};
static const struct filter strong = {.weights = {-1, -1, -1, -1, 9, -1, -1, -1, -1}};
static const struct filter laplacian = {.weights = {2, 0, 2, 0, -8, 0, 2, 0, 2}, .absolute = true};
static const struct filter emboss = {.weights = {-1, -1, 0, -1, 0, 1, 0, 1, 1}, .delta = 128};

#define PIXEL uint8_t
#define SUM int16_t
#define LIMIT 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/filter3.inc"
#undef PIXEL
#undef SUM
#undef LIMIT
#undef NAME

#define PIXEL uint16_t
#define SUM int32_t
#define LIMIT 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/filter3.inc"
