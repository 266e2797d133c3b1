// SPDX-License-Identifier: MIT
//
// What a neighbourhood kernel is given: rows of interleaved samples that already reach `radius`
// pixels beyond the output on every side, so that no kernel knows a border rule. Samples are
// uint8_t or uint16_t, which the kernel's name says (_u8, _u16). The libvips side that fills it:
// image/node.h.
//
// DM_CLONES compiles a function twice, for any x86-64 and for AVX2, and picks at start. Integer
// code gives the same bytes either way; the sanitizers run before such a choice can be made.
#ifndef DM_MPI_WORKER_KERNELS_AREA_H
#define DM_MPI_WORKER_KERNELS_AREA_H

#include <stddef.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DM_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define DM_CLONES
#endif

/** Before a loop: what it writes is not what it reads, so that the compiler need not ask. */
#if defined(__GNUC__) && !defined(__clang__)
#define DM_INDEPENDENT _Pragma("GCC ivdep")
#else
#define DM_INDEPENDENT
#endif

/** For helpers of a DM_CLONES function: only what is inlined is compiled for both. */
#define DM_INLINE static inline __attribute__((always_inline))

struct dm_area {
    const void *const *rows; // height + 2 * radius of them, from radius above the first output row;
                             // each starts radius pixels left of the first output pixel
    void *out;               // the first output row
    size_t out_stride;       // bytes from one output row to the next
    int width, height;       // of the output, in pixels
    int bands;               // samples in a pixel of the input
    int radius;
    int left, top; // of the output in the picture, and the picture's size
    int picture_width, picture_height;
};

/** Compute the whole output. @scratch is aligned for any type and keeps nothing between calls. */
typedef void dm_area_kernel(const struct dm_area *area, const void *params, void *scratch);

/** How many bytes of scratch the kernel wants for an area of this shape. */
typedef size_t dm_area_scratch(const struct dm_area *area, const void *params);

/** Samples in one row with its margins. */
static inline size_t dm_area_row_samples(const struct dm_area *area) {
    return (size_t)(area->width + 2 * area->radius) * (size_t)area->bands;
}

/** Where output row @y goes. */
static inline void *dm_area_out(const struct dm_area *area, int y) {
    return (char *)area->out + (size_t)y * area->out_stride;
}

#endif
