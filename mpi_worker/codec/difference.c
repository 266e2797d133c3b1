// SPDX-License-Identifier: MIT
//
// See difference.h.
#include "mpi_worker/codec/difference.h"

#include "mpi_worker/image/pixels.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** The first and the last byte in which two rows differ. False: in none. */
static bool row_difference(const uint8_t *a, const uint8_t *b, size_t size, size_t *ret_first,
                           size_t *ret_last) {
    size_t first = 0, last = size;
    if (memcmp(a, b, size) == 0) {
        return false;
    }
    while (a[first] == b[first]) {
        first++;
    }
    while (a[last - 1] == b[last - 1]) {
        last--;
    }
    *ret_first = first;
    *ret_last = last - 1;
    return true;
}

VipsRect dm_difference(VipsImage *roll, int height, int index, int grid) {
    size_t size = dm_image_row_size(roll), pixel = dm_image_pixel_size(roll);
    int left = roll->Xsize, right = -1, top = height, bottom = -1;
    for (int y = 0; index > 0 && y < height; y++) {
        size_t first, last;
        if (row_difference(dm_image_row(roll, index * height + y),
                           dm_image_row(roll, (index - 1) * height + y), size, &first, &last)) {
            left = MIN(left, (int)(first / pixel));
            right = MAX(right, (int)(last / pixel));
            top = MIN(top, y);
            bottom = y;
        }
    }
    if (index == 0) {
        return (VipsRect){0, 0, roll->Xsize, height};
    }
    if (right < 0) {
        return (VipsRect){0, 0, 1, 1};
    }
    left -= left % grid;
    top -= top % grid;
    return (VipsRect){left, top, right - left + 1, bottom - top + 1};
}
