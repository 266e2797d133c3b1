// SPDX-License-Identifier: MIT
//
// Structuring elements, and morphology for both sample types and both directions (morph.inc).
//
// The element's blocks are done one after the other, each in two steps.
//
// Down: up to BATCH output rows together, of a block of `rows` rows. The rows that all of them
// need (the core) are joined once; going up from the core and down from it, one more row at a
// time, gives what lies above and below it for each output row: 3 joins a row, however high the
// block is (M. van Herk, "A fast algorithm for local minimum and maximum filters", 1992).
//
//    block of output row 0   [a b c d e]
//                        1     [b c d e f]         core: c d e
//                        2       [c d e f g]
//
// Across: by doubling, minima of 2, 4, 8, ... neighbours, and two overlapping ones for the rest.
#include "mpi_worker/kernels/morph.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BATCH 64  // output rows worked on together
#define CHUNK 512 // samples of each row that stay in the nearest cache meanwhile

static struct dm_element_run cross_run(int size, int row) {
    int middle = size / 2;
    return row == middle ? (struct dm_element_run){0, size} : (struct dm_element_run){middle, 1};
}

static struct dm_element_run ellipse_run(int size, int row) {
    int radius = size / 2;
    int down = row - radius;
    double inverse = radius ? 1. / ((double)radius * radius) : 0;
    int half = (int)lrint(radius * sqrt((radius * radius - down * down) * inverse));
    int first = radius - half;
    int end = radius + half + 1 < size ? radius + half + 1 : size;
    return (struct dm_element_run){first, end - first};
}

static struct dm_element_run run_of(enum dm_element_shape shape, int size, int row) {
    switch (shape) {
    case DM_ELEMENT_CROSS:
        return cross_run(size, row);
    case DM_ELEMENT_ELLIPSE:
        return ellipse_run(size, row);
    default:
        return (struct dm_element_run){0, size};
    }
}

static bool covers(struct dm_element_run run, struct dm_element_run other) {
    return run.first <= other.first && run.first + run.length >= other.first + other.length;
}

/** The largest block that has @row's run. */
static struct dm_element_block block_of(const struct dm_element *element, int row) {
    struct dm_element_run run = element->runs[row];
    int first = row, end = row + 1;
    while (first > 0 && covers(element->runs[first - 1], run)) {
        first--;
    }
    while (end < element->size && covers(element->runs[end], run)) {
        end++;
    }
    return (struct dm_element_block){first, end - first, run};
}

/** Whether a block of @element has all of @block. */
static bool is_known(const struct dm_element *element, const struct dm_element_block *block) {
    for (int i = 0; i < element->block_count; i++) {
        const struct dm_element_block *known = &element->blocks[i];
        if (known->row <= block->row && known->row + known->rows >= block->row + block->rows &&
            covers(known->run, block->run)) {
            return true;
        }
    }
    return false;
}

void dm_element_init(struct dm_element *element, enum dm_element_shape shape, int size) {
    element->size = size;
    element->block_count = 0;
    for (int row = 0; row < size; row++) {
        element->runs[row] = run_of(shape, size, row);
    }
    for (int row = 0; row < size; row++) {
        struct dm_element_block block = block_of(element, row);
        if (!is_known(element, &block)) {
            element->blocks[element->block_count++] = block;
        }
    }
}

size_t dm_morph_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return BATCH * dm_area_row_samples(area) * sizeof(uint16_t);
}

#define PIXEL uint8_t
#define PICK(a, b) ((a) < (b) ? (a) : (b))
#define NAME(x) dm_erode##x##_u8
#include "mpi_worker/kernels/morph.inc"
#undef PICK
#undef NAME

#define PICK(a, b) ((a) > (b) ? (a) : (b))
#define NAME(x) dm_dilate##x##_u8
#include "mpi_worker/kernels/morph.inc"
#undef PIXEL
#undef PICK
#undef NAME

#define PIXEL uint16_t
#define PICK(a, b) ((a) < (b) ? (a) : (b))
#define NAME(x) dm_erode##x##_u16
#include "mpi_worker/kernels/morph.inc"
#undef PICK
#undef NAME

#define PICK(a, b) ((a) > (b) ? (a) : (b))
#define NAME(x) dm_dilate##x##_u16
#include "mpi_worker/kernels/morph.inc"
