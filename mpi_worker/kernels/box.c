// SPDX-License-Identifier: MIT
//
// Running sums: each column's over the window's rows moves down by one row in and one out; the
// window's moves right by one column in and one out. The filters themselves are in box.inc.
#include "mpi_worker/kernels/box.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** How sums become means: (sum + delta) * scale >> 23, or sum times inverse. */
struct mean {
    bool shifts;
    uint32_t delta, scale;
    float inverse;
    double exact_inverse; // for sums of more than 31 bits
    bool large;
};

static struct mean mean_of(int size, int limit) {
    uint32_t area = (uint32_t)(size * size);
    double scale = (double)(1 << 23) / area;
    bool rounds_down = scale - (uint32_t)scale < 0.5;
    return (struct mean){
        .shifts = limit == 255 && area > 1 && area <= 256,
        .delta = area / 2 + (rounds_down ? 1 : 0),
        .scale = (uint32_t)scale + (rounds_down ? 0 : 1),
        .inverse = (float)(1. / area),
        .exact_inverse = 1. / area,
        .large = limit != 255 && area > 1 << 15,
    };
}

// Adding and taking away 1.5 * 2^(mantissa bits) rounds half to even, which the compiler can do to
// many at once.

DM_INLINE uint32_t round_product(uint32_t sum, float inverse) {
    const float magic = 12582912;
    return (uint32_t)(int32_t)((float)(int32_t)sum * inverse + magic - magic);
}

DM_INLINE uint32_t round_large(uint32_t sum, double inverse) {
    const double magic = 6755399441055744;
    return (uint32_t)((double)sum * inverse + magic - magic);
}

DM_INLINE uint32_t mean_at(const struct mean *mean, uint32_t sum) {
    if (mean->shifts) {
        return (sum + mean->delta) * mean->scale >> 23;
    }
    return mean->large ? round_large(sum, mean->exact_inverse) : round_product(sum, mean->inverse);
}

size_t dm_box_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    // A column more than there are, which the last step to the right reads.
    return (2 * dm_area_row_samples(area) + (size_t)area->bands) * sizeof(uint64_t);
}

#define PIXEL uint8_t
#define COLUMN uint16_t
#define LIMIT 255
#define NAME(x) x##_u8
#include "mpi_worker/kernels/box.inc"
#undef PIXEL
#undef COLUMN
#undef LIMIT
#undef NAME

#define PIXEL uint16_t
#define COLUMN uint32_t
#define LIMIT 65535
#define NAME(x) x##_u16
#include "mpi_worker/kernels/box.inc"
