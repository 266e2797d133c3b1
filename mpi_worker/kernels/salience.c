// SPDX-License-Identifier: MIT
//
// The picture's contrast is gathered in a coarse grid (at most GRID cells a side), summed into an
// integral table, and every window position on the grid is tried. See salience.h.
#include "mpi_worker/kernels/salience.h"

#include <stdint.h>
#include <stdlib.h>

#define GRID 64

/** integral[y][x] = the contrast of all cells above and left of cell (x, y). */
struct grid {
    int cell; // its side, in pixels
    int columns, rows;
    uint64_t integral[GRID + 1][GRID + 1];
};

static int sample(const struct dm_salience_picture *picture, int x, int y) {
    const char *row = (const char *)picture->pixels + (size_t)y * picture->stride;
    size_t at = (size_t)x * (size_t)picture->bands + (picture->bands >= 3 ? 1 : 0);
    return picture->wide ? ((const uint16_t *)(const void *)row)[at] >> 8
                         : ((const uint8_t *)row)[at];
}

static uint64_t row_contrast(const struct dm_salience_picture *picture, int from, int to, int y) {
    uint64_t sum = 0;
    for (int x = from; x < to && x + 1 < picture->width; x++) {
        int here = sample(picture, x, y);
        sum += (uint64_t)abs(here - sample(picture, x + 1, y));
        sum += (uint64_t)abs(here - sample(picture, x, y + 1));
    }
    return sum;
}

static uint64_t cell_contrast(const struct dm_salience_picture *picture, int cell, int column,
                              int row) {
    uint64_t sum = 0;
    for (int y = row * cell; y < (row + 1) * cell && y + 1 < picture->height; y++) {
        sum += row_contrast(picture, column * cell, (column + 1) * cell, y);
    }
    return sum;
}

static void grid_init(struct grid *grid, const struct dm_salience_picture *picture) {
    int longest = picture->width > picture->height ? picture->width : picture->height;
    grid->cell = (longest + GRID - 1) / GRID;
    grid->columns = (picture->width + grid->cell - 1) / grid->cell;
    grid->rows = (picture->height + grid->cell - 1) / grid->cell;
    for (int x = 0; x <= grid->columns; x++) {
        grid->integral[0][x] = 0;
    }
    for (int y = 0; y < grid->rows; y++) {
        uint64_t row = 0;
        grid->integral[y + 1][0] = 0;
        for (int x = 0; x < grid->columns; x++) {
            row += cell_contrast(picture, grid->cell, x, y);
            grid->integral[y + 1][x + 1] = grid->integral[y][x + 1] + row;
        }
    }
}

static int limited(int v, int max) {
    return v < max ? v : max;
}

/** The contrast within a window whose upper left corner is on the grid. */
static uint64_t window_contrast(const struct grid *grid, int x, int y, int width, int height) {
    int left = x / grid->cell;
    int top = y / grid->cell;
    int right = limited((x + width + grid->cell / 2) / grid->cell, grid->columns);
    int bottom = limited((y + height + grid->cell / 2) / grid->cell, grid->rows);
    return grid->integral[bottom][right] + grid->integral[top][left] - grid->integral[top][right] -
           grid->integral[bottom][left];
}

void dm_salience_place(const struct dm_salience_picture *picture, int width, int height, int *ret_x,
                       int *ret_y) {
    struct grid grid = {0};
    grid_init(&grid, picture);
    int room_x = picture->width - width;
    int room_y = picture->height - height;
    uint64_t best = 0;
    int best_distance = INT32_MAX;

    for (int y = 0; y < room_y + grid.cell; y += grid.cell) {
        for (int x = 0; x < room_x + grid.cell; x += grid.cell) {
            int at_x = limited(x, room_x);
            int at_y = limited(y, room_y);
            uint64_t contrast = window_contrast(&grid, at_x, at_y, width, height);
            int distance = abs(2 * at_x - room_x) + abs(2 * at_y - room_y);
            if (contrast < best || (contrast == best && distance >= best_distance)) {
                continue;
            }
            best = contrast;
            best_distance = distance;
            *ret_x = at_x;
            *ret_y = at_y;
        }
    }
}
