// SPDX-License-Identifier: MIT
//
// Structuring elements, and morphology for both sample types and both directions (morph.inc).
//
// An output row is made from groups of element rows that have the same run. The rows of a group are
// joined first (one minimum a row), then the joined row is spread over its run by doubling: minima
// of 2, 4, 8, ... neighbours, and two overlapping ones for the rest. A square is one group.
#include "mpi_worker/kernels/morph.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

void dm_element_init(struct dm_element *element, enum dm_element_shape shape, int size) {
    element->size = size;
    for (int row = 0; row < size; row++) {
        if (shape == DM_ELEMENT_CROSS) {
            element->runs[row] = cross_run(size, row);
        } else if (shape == DM_ELEMENT_ELLIPSE) {
            element->runs[row] = ellipse_run(size, row);
        } else {
            element->runs[row] = (struct dm_element_run){0, size};
        }
    }
}

size_t dm_morph_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return dm_area_row_samples(area) * sizeof(uint16_t);
}

/** Say whether @row is the first of the rows that have its run. */
static bool leads_group(const struct dm_element *element, int row) {
    for (int i = 0; i < row; i++) {
        if (element->runs[i].first == element->runs[row].first &&
            element->runs[i].length == element->runs[row].length) {
            return false;
        }
    }
    return true;
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
