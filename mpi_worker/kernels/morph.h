// SPDX-License-Identifier: MIT
//
// Erosion and dilation by a square, a cross or an ellipse, as cv2.erode and cv2.dilate do with
// cv2.getStructuringElement. What lies outside the picture does not count: the caller's border is
// REPLICATE, which adds nothing, since with each of its pixels an element has all that lie on the
// straight ways from there to the anchor's row and column.
#ifndef DM_MPI_WORKER_KERNELS_MORPH_H
#define DM_MPI_WORKER_KERNELS_MORPH_H

#include "mpi_worker/kernels/area.h"

#define DM_ELEMENT_MAX_SIZE 255

enum dm_element_shape { DM_ELEMENT_SQUARE, DM_ELEMENT_CROSS, DM_ELEMENT_ELLIPSE };

/**
 * A set of pixels around the anchor (size / 2, size / 2): one run in each row. The same set as a
 * union of rectangles is what the filters work with: a square is one, a cross two.
 */
struct dm_element {
    int size; // the area's radius is size / 2
    struct dm_element_run {
        int first, length;
    } runs[DM_ELEMENT_MAX_SIZE];
    int block_count;
    struct dm_element_block {
        int row, rows; // the first one, and how many
        struct dm_element_run run;
    } blocks[DM_ELEMENT_MAX_SIZE];
};

/** Fill in the element. @size 1 to DM_ELEMENT_MAX_SIZE, even ones too. */
void dm_element_init(struct dm_element *element, enum dm_element_shape shape, int size);

/** @params: struct dm_element. */
dm_area_kernel dm_erode_u8, dm_erode_u16, dm_dilate_u8, dm_dilate_u16;
dm_area_scratch dm_morph_scratch;

#endif
