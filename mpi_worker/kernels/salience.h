// SPDX-License-Identifier: MIT
//
// Where the detail is: the position of a window that takes in the most local contrast. What gravity
// `smart` means. Deterministic, integers only.
#ifndef DM_MPI_WORKER_KERNELS_SALIENCE_H
#define DM_MPI_WORKER_KERNELS_SALIENCE_H

#include <stdbool.h>
#include <stddef.h>

/** A whole picture in memory; samples are uint8_t, or uint16_t if @wide. */
struct dm_salience_picture {
    const void *pixels;
    size_t stride; // bytes
    int width, height, bands;
    bool wide;
};

/** Place a @width x @height window, which fits the picture; of equals the most central one. */
void dm_salience_place(const struct dm_salience_picture *picture, int width, int height, int *ret_x,
                       int *ret_y);

#endif
