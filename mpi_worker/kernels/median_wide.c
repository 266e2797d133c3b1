// SPDX-License-Identifier: MIT
//
// Median over a wide window. Every column of the picture has a histogram of the window's height,
// moved down by one pixel in and one out; the window's histogram is moved right by adding one
// column and taking one away. Histograms have two tiers: 16 coarse bins that are always moved, and
// under each of them 16 fine ones that are brought up to date only when the median falls there.
//
// The picture is done in blocks of columns whose histograms stay in the second cache, band by band.
#include "mpi_worker/kernels/median.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 256 // output columns worked on together
#define BINS 16
#define NEVER (-2 * DM_MEDIAN_MAX_SIZE)

// At most 255 pixels in a column of the window, 65025 in the window.
struct column {
    uint8_t fine[BINS][BINS];
    uint8_t coarse[BINS];
};

struct window {
    uint16_t coarse[BINS];
    uint16_t fine[BINS][BINS];
    int valid_at[BINS]; // the output column for which fine[] of this bin was right, or NEVER
};

/** One block of one band: samples are read at rows[y][offset + column * step]. */
struct block {
    const struct dm_area *area;
    size_t offset, step;
    int width; // of the output; the columns are 2 * radius more
    struct column *columns;
};

size_t dm_median_wide_scratch(const struct dm_area *area, const void *params) {
    (void)params;
    return ((size_t)BLOCK + 2 * (size_t)area->radius) * sizeof(struct column);
}

/** Count row @y of the area in (@by 1) or out (@by -1). */
static void count_row(const struct block *block, int y, int by) {
    const uint8_t *samples = (const uint8_t *)block->area->rows[y] + block->offset;
    int columns = block->width + 2 * block->area->radius;

    for (int x = 0; x < columns; x++) {
        uint8_t v = samples[(size_t)x * block->step];
        struct column *column = &block->columns[x];
        column->fine[v / BINS][v % BINS] = (uint8_t)(column->fine[v / BINS][v % BINS] + by);
        column->coarse[v / BINS] = (uint8_t)(column->coarse[v / BINS] + by);
    }
}

DM_INLINE void add(uint16_t *sum, const uint8_t *bins) {
    for (int i = 0; i < BINS; i++) {
        sum[i] = (uint16_t)(sum[i] + bins[i]);
    }
}

DM_INLINE void slide(uint16_t *sum, const uint8_t *in, const uint8_t *out) {
    for (int i = 0; i < BINS; i++) {
        sum[i] = (uint16_t)(sum[i] + in[i] - out[i]);
    }
}

/** Bring the fine bins under coarse @bin up to date for output column @x. */
DM_INLINE void refresh(struct window *window, const struct column *columns, int size, int bin,
                       int x) {
    uint16_t *fine = window->fine[bin];
    int at = window->valid_at[bin];

    if (x - at > size / 2) {
        memset(fine, 0, sizeof window->fine[bin]);
        for (int i = x; i < x + size; i++) {
            add(fine, columns[i].fine[bin]);
        }
    } else {
        for (; at < x; at++) {
            slide(fine, columns[at + size].fine[bin], columns[at].fine[bin]);
        }
    }
    window->valid_at[bin] = x;
}

/** The first bin with which the running sum exceeds @rank; takes the sum before it off @rank. */
DM_INLINE int find(const uint16_t *bins, int *rank) {
    int bin = 0;
    while (*rank >= bins[bin]) {
        *rank -= bins[bin++];
    }
    return bin;
}

DM_INLINE void median_row(const struct block *block, uint8_t *out) {
    const struct column *columns = block->columns;
    int size = 2 * block->area->radius + 1;
    struct window window = {0};

    for (int bin = 0; bin < BINS; bin++) {
        window.valid_at[bin] = NEVER;
    }
    for (int i = 0; i < size; i++) {
        add(window.coarse, columns[i].coarse);
    }
    for (int x = 0; x < block->width; x++) {
        int rank = size * size / 2;
        int bin = find(window.coarse, &rank);
        refresh(&window, columns, size, bin, x);
        out[(size_t)x * block->step] = (uint8_t)(bin * BINS + find(window.fine[bin], &rank));
        if (x + 1 < block->width) {
            slide(window.coarse, columns[x + size].coarse, columns[x].coarse);
        }
    }
}

DM_INLINE void median_block(const struct block *block) {
    const struct dm_area *area = block->area;

    memset(block->columns, 0, dm_median_wide_scratch(area, NULL));
    for (int y = 0; y < 2 * area->radius; y++) {
        count_row(block, y, 1);
    }
    for (int y = 0; y < area->height; y++) {
        count_row(block, y + 2 * area->radius, 1);
        median_row(block, (uint8_t *)dm_area_out(area, y) + block->offset);
        count_row(block, y, -1);
    }
}

DM_CLONES void dm_median_wide_u8(const struct dm_area *area, const void *params, void *scratch) {
    int bands = *(const int *)params;

    for (int band = 0; band < bands; band++) {
        for (int x = 0; x < area->width; x += BLOCK) {
            struct block block = {
                .area = area,
                .offset = (size_t)x * (size_t)area->bands + (size_t)band,
                .step = (size_t)area->bands,
                .width = area->width - x < BLOCK ? area->width - x : BLOCK,
                .columns = scratch,
            };
            median_block(&block);
        }
    }
}
